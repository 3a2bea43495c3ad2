"""REST of metrics and logs: answers, refusals, and whose they are."""

import time

import pytest
from django.test import Client

from consoleapp.metrics import logs
from tests.consoleapp.metrics.samples import ACCOUNT, REGION, make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

NOON = 1_763_640_000
SERIES = {
    "namespace": "AWS/SageMaker",
    "name": "ModelLatency",
    "dim.EndpointName": "churn",
    "dim.VariantName": "A",
}


def test_metrics_are_listed_by_dimension(bob_client: Client) -> None:
    store(make_sample(second=NOON), make_sample(second=NOON, dimensions={"EndpointName": "x"}))
    answer = bob_client.get("/api/v1/metrics", {"dim.VariantName": "A"}).json()
    assert answer == [
        {
            "namespace": "AWS/SageMaker",
            "name": "ModelLatency",
            "dimensions": {"EndpointName": "churn", "VariantName": "A"},
            "unit": "Microseconds",
            "last_second": NOON,
        }
    ]


def test_data_comes_by_period_and_statistic(bob_client: Client) -> None:
    store(*(make_sample([10.0, 30.0], second=NOON + n) for n in range(120)))
    ask = SERIES | {"start": NOON, "end": NOON + 120, "statistics": "Sum,SampleCount,p99"}
    answer = bob_client.get("/api/v1/metrics/data", ask).json()
    assert [point["second"] for point in answer] == [NOON, NOON + 60]
    assert answer[0]["values"]["Sum"] == 2_400
    assert answer[0]["values"]["SampleCount"] == 120
    assert answer[0]["values"]["p99"] == pytest.approx(30, rel=0.01)


def test_the_last_hour_is_meant_when_no_time_is_named(bob_client: Client) -> None:
    now = int(time.time())
    store(make_sample(second=now - 100), make_sample(second=now - 8_000))
    assert len(bob_client.get("/api/v1/metrics/data", SERIES).json()) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"start": "yesterday"}, "start"),
        ({"start": "200", "end": "100"}, "start"),
        ({"period": "a"}, "period"),
        ({"period": "1", "start": "0", "end": "20000"}, "period"),
        ({"statistics": "middling"}, "statistic"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(bob_client: Client, change, field) -> None:
    answer = bob_client.get("/api/v1/metrics/data", SERIES | change)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert answer.json()["code"] == "ValidationException"


def test_logs_are_listed_and_followed(bob_client: Client) -> None:
    for number in range(3):
        logs.append(ACCOUNT, REGION, "/g", "s", f"line {number}", timestamp_ms=1_000 * number)
    (stream,) = bob_client.get("/api/v1/logs/streams", {"group_prefix": "/g"}).json()
    assert (stream["name"], stream["last_event_ms"]) == ("s", 2_000)
    ask = {"group": "/g", "stream": "s"}
    seen = bob_client.get("/api/v1/logs/events", ask | {"limit": "2"}).json()
    assert [event["message"] for event in seen] == ["line 0", "line 1"]
    rest = bob_client.get("/api/v1/logs/events", ask | {"after_id": seen[-1]["id"]}).json()
    assert [event["message"] for event in rest] == ["line 2"]
    ranged = bob_client.get("/api/v1/logs/events", ask | {"start": "0.5", "end": "1.5"}).json()
    assert [event["message"] for event in ranged] == ["line 1"]


def test_a_stranger_sees_none_of_it(charlie_client: Client) -> None:
    store(make_sample(second=NOON))
    logs.append(ACCOUNT, REGION, "/g", "s", "secret")
    assert charlie_client.get("/api/v1/metrics").json() == []
    ask = SERIES | {"start": NOON, "end": NOON + 60}
    assert charlie_client.get("/api/v1/metrics/data", ask).json() == []
    assert charlie_client.get("/api/v1/logs/streams").json() == []
    assert charlie_client.get("/api/v1/logs/events", {"group": "/g", "stream": "s"}).json() == []


@pytest.mark.parametrize(
    "path", ["metrics", "metrics/data", "logs/streams", "logs/events", "alarms"]
)
def test_nobody_is_let_in_unsigned(client: Client, path: str) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 401
