"""Pages of alarms: what they show, take and refuse, and to whom."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import alarms
from consoleapp.metrics.forms import key_of
from consoleapp.metrics.models import Alarm
from tests.consoleapp.metrics.alarm_specs import make_alarm
from tests.consoleapp.metrics.samples import DIMENSIONS, make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

METRIC = key_of("AWS/SageMaker", "ModelLatency", DIMENSIONS)
ANSWERS = {
    "metric": "",
    "namespace": "AWS/SageMaker",
    "metric_name": "Invocation5XXErrors",
    "dimensions": "EndpointName=churn\nVariantName = B\n",
    "statistic": "Sum",
    "period_s": "60",
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "threshold": "1",
    "datapoints_to_alarm": "1",
    "evaluation_periods": "3",
    "treat_missing_data": "notBreaching",
    "name": "errors",
    "description": "5XX of B",
}


def test_an_alarm_is_created_on_a_metric_that_does_not_exist_yet(alice_client: Client) -> None:
    answer = alice_client.post("/console/alarms/create", ANSWERS, follow=True)
    assert answer.redirect_chain == [("/console/alarms/named/errors", 302)]
    alarm = Alarm.objects.get()
    assert alarm.dimensions == {"EndpointName": "churn", "VariantName": "B"}
    assert (alarm.statistic, alarm.datapoints_to_alarm, alarm.evaluation_periods) == ("Sum", 1, 3)
    assert "Saved alarm errors." in answer.content.decode()


def test_an_alarm_is_created_on_a_metric_chosen_from_the_list(alice_client: Client) -> None:
    store(make_sample())
    page = alice_client.get("/console/alarms/create").content.decode()
    assert "ModelLatency · EndpointName=churn, VariantName=A · AWS/SageMaker" in page
    alice_client.post("/console/alarms/create", ANSWERS | {"metric": METRIC, "namespace": ""})
    alarm = Alarm.objects.get()
    assert (alarm.metric_name, alarm.dimensions) == ("ModelLatency", DIMENSIONS)


def test_a_link_with_a_metric_fills_the_form(alice_client: Client) -> None:
    store(make_sample(), make_sample(name="Invocations"))
    query = {"namespace": "AWS/SageMaker", "name": "Invocations", "statistic": "Sum"}
    query |= {f"dim.{name}": value for name, value in DIMENSIONS.items()}
    form = alice_client.get("/console/alarms/create", query).context["form"]
    assert form["metric"].value() == key_of("AWS/SageMaker", "Invocations", DIMENSIONS)
    query["name"] = "NotThereYet"
    form = alice_client.get("/console/alarms/create", query).context["form"]
    assert (form["metric"].value(), form["metric_name"].value()) == ("", "NotThereYet")
    assert "EndpointName=churn" in form["dimensions"].value()


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"namespace": ""}, "metric", "Choose a metric"),
        ({"dimensions": "churn"}, "dimensions", "is not of the form Name=value"),
        ({"threshold": "high"}, "threshold", "Enter a number"),
        ({"threshold": "inf"}, "threshold", "number"),
        (
            {"datapoints_to_alarm": "4"},
            "datapoints_to_alarm",
            "between 1 and the 3 evaluation periods",
        ),
        ({"period_s": "86400", "evaluation_periods": "9"}, "evaluation_periods", "7 days"),
        ({"name": ""}, "name", "required"),
    ],
)
def test_a_wrong_answer_is_shown_at_its_field(alice_client: Client, change, field, message) -> None:
    answer = alice_client.post("/console/alarms/create", ANSWERS | change)
    assert answer.status_code == 422
    assert message in str(answer.context["form"].errors[field])
    assert not Alarm.objects.exists()


def test_an_alarm_is_edited_under_its_name(actor: Actor, alice_client: Client) -> None:
    make_alarm(actor, statistic="p97", actions={"ALARM": ["arn:aws:sns:us-east-1:1:tell"]})
    address = reverse("metrics:alarm-edit", args=["slow"])
    form = alice_client.get(address).context["form"]
    assert form["metric"].value() == METRIC
    assert form["statistic"].value() == "p97"
    changed = ANSWERS | {"metric": METRIC, "name": "another", "threshold": "7"}
    alice_client.post(address, changed | {"datapoints_to_alarm": "2"})
    saved = alarms.alarm(actor, "slow")
    assert saved.threshold == 7
    assert saved.actions == {"ALARM": ["arn:aws:sns:us-east-1:1:tell"]}, "set over the wire: kept"
    assert Alarm.objects.count() == 1


def test_a_form_that_leaves_percentiles_forgets_what_was_said_of_them(
    actor: Actor, alice_client: Client
) -> None:
    make_alarm(actor, low_samples="ignore")
    changes = {"name": "slow", "statistic": "p99"}
    alice_client.post(reverse("metrics:alarm-edit", args=["slow"]), ANSWERS | changes)
    assert alarms.alarm(actor, "slow").low_samples == "ignore"
    alice_client.post(
        reverse("metrics:alarm-edit", args=["slow"]), ANSWERS | changes | {"statistic": "Sum"}
    )
    alarm = alarms.alarm(actor, "slow")
    assert (alarm.statistic, alarm.low_samples) == ("Sum", "")


def test_a_unit_stays_until_the_form_names_another_metric(
    actor: Actor, alice_client: Client
) -> None:
    make_alarm(actor, unit="Microseconds")
    address = reverse("metrics:alarm-edit", args=["slow"])
    alice_client.post(address, ANSWERS | {"metric": METRIC, "name": "slow", "threshold": "7"})
    assert alarms.alarm(actor, "slow").unit == "Microseconds"
    alice_client.post(address, ANSWERS | {"name": "slow"})
    alarm = alarms.alarm(actor, "slow")
    assert (alarm.metric_name, alarm.unit) == (ANSWERS["metric_name"], "")


def test_an_alarm_on_an_expression_is_shown_and_not_edited_here(
    actor: Actor, alice_client: Client
) -> None:
    metrics = [
        {"Id": "e1", "Expression": "m1 * 2"},
        {
            "Id": "m1",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "ModelLatency",
                    "Dimensions": [{"Name": n, "Value": v} for n, v in DIMENSIONS.items()],
                },
                "Period": 10,
                "Stat": "Maximum",
            },
        },
    ]
    store(make_sample([21.0], second=int(time.time()) - 30))
    make_alarm(actor, metrics=metrics, namespace="", metric_name="", statistic="", dimensions={})
    assert "m1 * 2 greater than 50000" in alice_client.get("/console/alarms").content.decode()
    page = alice_client.get("/console/alarms/named/slow").content.decode()
    assert "m1 = Maximum of AWS/SageMaker ModelLatency (EndpointName=churn" in page
    assert ">Edit<" not in page
    figure = alice_client.get(reverse("metrics:alarm-chart", args=["slow"])).json()
    assert 42.0 in figure["data"][0]["y"]
    answer = alice_client.get(reverse("metrics:alarm-edit", args=["slow"]), follow=True)
    assert "is changed by PutMetricAlarm" in answer.content.decode()


def test_the_list_filters_and_says_when_nothing_matches(actor: Actor, bob_client: Client) -> None:
    make_alarm(actor, "slow")
    make_alarm(actor, "errors")
    page = bob_client.get("/console/alarms", {"name": "SLO"}).content.decode()
    assert "/console/alarms/named/slow" in page
    assert "/console/alarms/named/errors" not in page
    assert "No matches" in bob_client.get("/console/alarms", {"state": "OK"}).content.decode()


def test_an_empty_list_offers_the_first_one(alice_client: Client) -> None:
    page = alice_client.get("/console/alarms").content.decode()
    assert "No alarms" in page
    assert 'href="/console/alarms/create"' in page


def test_the_page_shows_state_condition_and_history(actor: Actor, bob_client: Client) -> None:
    make_alarm(actor)
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="It is a drill")
    page = bob_client.get("/console/alarms/named/slow").content.decode()
    assert "In alarm" in page
    assert "ModelLatency p99 greater than 50000 for 2 of 2 datapoints of 10 s" in page
    assert "It is a drill" in page
    assert "created" in page
    assert "alarms/edit" not in page


@pytest.mark.parametrize("path", ["/console/alarms", "/console/alarms/named/slow"])
def test_polls_get_nothing_until_something_changed(
    actor: Actor, bob_client: Client, path: str
) -> None:
    make_alarm(actor)
    page = bob_client.get(path).content.decode()
    poll = re.search(r'hx-get="([^"]*revision=[^"]*)"', page)[1].replace("&amp;", "&")
    poll = poll if poll.startswith("/") else path + poll
    headers = {"HX-Request": "true"}
    assert bob_client.get(poll, headers=headers).status_code == 204
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="now")
    changed = bob_client.get(poll, headers=headers)
    assert changed.status_code == 200
    assert "In alarm" in changed.content.decode()
    assert "<html" not in changed.content.decode()


def test_the_chart_has_the_values_and_the_threshold(actor: Actor, bob_client: Client) -> None:
    make_alarm(actor, threshold=2_000)
    now = int(time.time())
    store(*(make_sample([1_000.0], second=now - back) for back in range(40)))
    figure = bob_client.get("/console/alarms/chart/slow").json()
    assert max(value for value in figure["data"][0]["y"] if value) == 1_000
    assert figure["layout"]["shapes"][0]["y0"] == 2_000
    assert figure["layout"]["yaxis"]["title"]["text"] == "Microseconds"


def test_deleting_needs_the_word(actor: Actor, alice_client: Client) -> None:
    make_alarm(actor, "a/b")
    alice_client.post("/console/alarms/delete/a/b", {"confirm": "yes"})
    assert Alarm.objects.exists()
    answer = alice_client.post("/console/alarms/delete/a/b", {"confirm": "delete"})
    assert answer.headers["Location"] == "/console/alarms"
    assert not Alarm.objects.exists()


def test_a_viewer_changes_nothing(actor: Actor, bob_client: Client) -> None:
    make_alarm(actor)
    assert bob_client.get("/console/alarms/create").status_code == 403
    assert bob_client.post("/console/alarms/edit/slow", ANSWERS).status_code == 403
    answer = bob_client.post("/console/alarms/delete/slow", {"confirm": "delete"})
    assert answer.status_code == 403
    assert Alarm.objects.exists()


def test_a_stranger_gets_not_found(actor: Actor, charlie_client: Client) -> None:
    make_alarm(actor)
    assert "slow" not in charlie_client.get("/console/alarms").content.decode()
    for verb in ("named", "edit", "chart"):
        assert charlie_client.get(f"/console/alarms/{verb}/slow").status_code == 404
    answer = charlie_client.post("/console/alarms/delete/slow", {"confirm": "delete"})
    assert answer.status_code == 404


def test_who_is_signed_out_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/console/alarms").status_code == 302


def test_the_list_asks_the_same_however_many_alarms(
    actor: Actor, bob_client: Client, django_assert_max_num_queries
) -> None:
    for number in range(15):
        make_alarm(actor, f"alarm-{number}")
    with django_assert_max_num_queries(4, using="metrics"):
        bob_client.get("/console/alarms")
