"""An alarm that moves tells its topics, in CloudWatch's words."""

import json
from typing import Any

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import alarms
from consoleapp.notifications import services
from consoleapp.notifications.models import Delivery, Subscription, Topic
from tests.consoleapp.metrics.alarm_specs import make_alarm

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

METRICS = [
    {"Id": "e1", "Expression": "m1 * 2", "Label": "Doubled"},
    {
        "Id": "m1",
        "ReturnData": False,
        "MetricStat": {
            "Metric": {"Namespace": "Tests", "MetricName": "Errors"},
            "Period": 60,
            "Stat": "Sum",
        },
    },
]


@pytest.fixture
def topic(actor: Actor) -> Topic:
    """With one listener that has confirmed."""
    made = services.create_topic(actor, name="t")
    Subscription.objects.create(
        topic=made, protocol="https", endpoint="https://x.example/", confirmed_at=timezone.now()
    )
    return made


def told(actor: Actor, name: str = "slow") -> dict[str, Any]:
    """What the listener is told of an alarm that goes off."""
    alarms.set_alarm_state(actor, name=name, state="ALARM", reason="a rehearsal")
    body = json.loads(Delivery.objects.get().body)
    assert body["Subject"] == f'ALARM: "{name}" in us-east-1'
    return dict(json.loads(body["Message"]))


def test_a_metric_s_alarm_names_its_metric(actor: Actor, topic: Topic) -> None:
    make_alarm(actor, actions={"ALARM": [topic.arn]}, unit="Microseconds")
    message = told(actor)
    assert (message["OldStateValue"], message["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert message["Trigger"]["MetricName"] == "ModelLatency"
    assert message["Trigger"]["Unit"] == "Microseconds"
    assert {"name": "VariantName", "value": "A"} in message["Trigger"]["Dimensions"]


def test_an_expression_s_alarm_names_its_metrics(actor: Actor, topic: Topic) -> None:
    unwatched: dict[str, Any] = {"namespace": "", "metric_name": "", "statistic": ""}
    make_alarm(
        actor,
        metrics=METRICS,
        **unwatched,
        dimensions={},
        period_s=60,
        actions={"ALARM": [topic.arn]},
    )
    trigger = told(actor)["Trigger"]
    assert trigger["Metrics"] == METRICS
    assert "MetricName" not in trigger


def test_what_is_no_topic_or_is_gone_stops_no_other(actor: Actor, topic: Topic) -> None:
    policy = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/x:policyName/p"
    make_alarm(actor, actions={"ALARM": [policy, f"{topic.arn}-gone", topic.arn]})
    assert told(actor)["AlarmName"] == "slow"


def test_actions_that_are_switched_off_tell_nobody(actor: Actor, topic: Topic) -> None:
    make_alarm(actor, actions={"ALARM": [topic.arn]})
    alarms.switch_actions(actor, names=["slow"], enabled=False)
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="a rehearsal")
    assert not Delivery.objects.exists()
