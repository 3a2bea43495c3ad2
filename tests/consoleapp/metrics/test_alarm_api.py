"""REST of alarms, in CloudWatch's member names."""

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from consoleapp.metrics.models import Alarm
from tests.consoleapp.metrics.alarm_specs import make_alarm

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

MEMBERS = {
    "AlarmName": "target/churn/high",
    "Namespace": "AWS/SageMaker",
    "MetricName": "ModelLatency",
    "Dimensions": [{"Name": "EndpointName", "Value": "churn"}],
    "ExtendedStatistic": "p99",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 50000,
    "ComparisonOperator": "GreaterThanThreshold",
}


def put(client: Client, **changes: object):
    return client.post("/api/v1/alarms", MEMBERS | changes, content_type="application/json")


def test_an_alarm_is_put_described_and_listed(alice_client: Client) -> None:
    assert put(alice_client).status_code == 201
    answer = alice_client.get("/api/v1/alarms/target/churn/high").json()
    assert answer.items() >= MEMBERS.items()
    assert answer["DatapointsToAlarm"] == 3
    assert answer["TreatMissingData"] == "missing"
    assert answer["StateValue"] == "INSUFFICIENT_DATA"
    assert "Statistic" not in answer
    listed = alice_client.get("/api/v1/alarms", {"prefix": "target/"}).json()
    assert [alarm["AlarmName"] for alarm in listed] == ["target/churn/high"]
    assert alice_client.get("/api/v1/alarms", {"state": "OK"}).json() == []


def test_its_state_is_set_and_its_history_told(alice_client: Client) -> None:
    put(alice_client)
    answer = alice_client.post(
        "/api/v1/alarms/target/churn/high/state",
        {"StateValue": "ALARM", "StateReason": "a drill"},
        content_type="application/json",
    )
    assert answer.json()["StateValue"] == "ALARM"
    history = alice_client.get("/api/v1/alarms/target/churn/high/history").json()
    assert [item["HistoryItemType"] for item in history] == ["StateUpdate", "ConfigurationUpdate"]
    assert history[0]["HistoryData"]["reason"] == "a drill"


def test_it_is_deleted(alice_client: Client) -> None:
    put(alice_client)
    assert alice_client.delete("/api/v1/alarms/target/churn/high").status_code == 204
    assert alice_client.get("/api/v1/alarms/target/churn/high").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Period": "often"}, "Period"),
        ({"Period": 45}, "Period"),
        ({"ComparisonOperator": "Sideways"}, "ComparisonOperator"),
        ({"Dimensions": [{"Name": "x"}]}, "Dimensions.0.Value"),
        ({"ExtendedStatistic": "p200"}, "Statistic"),
        ({"AlarmName": ""}, "AlarmName"),
    ],
)
def test_a_wrong_member_is_named(alice_client: Client, change, field) -> None:
    answer = put(alice_client, **change)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_viewer_may_only_read(actor: Actor, bob_client: Client) -> None:
    make_alarm(actor)
    assert bob_client.get("/api/v1/alarms/slow").status_code == 200
    assert put(bob_client).status_code == 403
    assert bob_client.delete("/api/v1/alarms/slow").status_code == 403


def test_a_stranger_finds_nothing(actor: Actor, charlie_client: Client) -> None:
    make_alarm(actor)
    assert charlie_client.get("/api/v1/alarms").json() == []
    for path in ("/api/v1/alarms/slow", "/api/v1/alarms/nothing"):
        assert charlie_client.get(path).status_code == 404
        assert charlie_client.delete(path).status_code == 404
    assert charlie_client.get("/api/v1/alarms/slow/history").json() == []
    assert Alarm.objects.count() == 1
