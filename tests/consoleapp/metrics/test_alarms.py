"""Alarms of a team: who may do what, and what is refused."""

from dataclasses import replace

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, NotFound, ValidationFailed
from consoleapp.accounts.models import AuditEvent
from consoleapp.metrics import alarms
from tests.consoleapp.metrics.alarm_specs import SPEC, make_alarm
from tests.consoleapp.metrics.samples import ACCOUNT

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])


def test_a_new_alarm_knows_nothing_yet(actor: Actor) -> None:
    alarm = make_alarm(actor)
    assert alarm.state == "INSUFFICIENT_DATA"
    assert alarm.arn == f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:slow"
    (item,) = alarms.history(actor, "slow")
    assert (item.kind, item.summary) == ("ConfigurationUpdate", 'Alarm "slow" created')
    assert item.detail["threshold"] == 50_000.0
    assert AuditEvent.objects.get().action == "PutMetricAlarm"


def test_putting_it_again_overwrites_the_configuration_and_keeps_the_state(actor: Actor) -> None:
    make_alarm(actor)
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="a try")
    make_alarm(actor, threshold=7.0, statistic="Average")
    alarm = alarms.alarm(actor, "slow")
    assert (alarm.threshold, alarm.statistic, alarm.state) == (7.0, "Average", "ALARM")
    assert [item.summary for item in alarms.history(actor, "slow")] == [
        'Alarm "slow" updated',
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        'Alarm "slow" created',
    ]


def test_a_deleted_alarm_leaves_its_history(actor: Actor) -> None:
    make_alarm(actor)
    alarms.delete_alarm(actor, name="slow")
    with pytest.raises(NotFound):
        alarms.alarm(actor, "slow")
    assert alarms.history(actor, "slow")[0].summary == 'Alarm "slow" deleted'


def test_alarms_are_found_by_name_prefix_and_state(actor: Actor) -> None:
    for name in ("a-one", "a-two", "b"):
        make_alarm(actor, name)
    alarms.set_alarm_state(actor, name="a-two", state="OK", reason="")
    assert [a.name for a in alarms.alarms(actor)] == ["a-one", "a-two", "b"]
    assert [a.name for a in alarms.alarms(actor, prefix="a-", state="OK")] == ["a-two"]
    assert [a.name for a in alarms.alarms(actor, names=["b", "nothing"])] == ["b"]


def test_alarms_of_an_endpoint_are_found_by_its_dimensions(actor: Actor) -> None:
    make_alarm(actor)
    make_alarm(actor, "other", dimensions={"EndpointName": "other"})
    found = alarms.alarms_on(actor, {"EndpointName": "churn"})
    assert [alarm.name for alarm in found] == ["slow"]


def test_a_viewer_reads_and_changes_nothing(actor: Actor, bob: Actor) -> None:
    make_alarm(actor)
    assert alarms.alarm(bob, "slow")
    with pytest.raises(Forbidden):
        make_alarm(bob)
    with pytest.raises(Forbidden):
        alarms.delete_alarm(bob, name="slow")
    with pytest.raises(Forbidden):
        alarms.set_alarm_state(bob, name="slow", state="OK", reason="")


def test_a_stranger_finds_nothing_and_may_use_the_same_name(actor: Actor, charlie: Actor) -> None:
    make_alarm(actor)
    assert not alarms.alarms(charlie)
    with pytest.raises(NotFound):
        alarms.delete_alarm(charlie, name="slow")
    make_alarm(charlie, threshold=1.0)
    assert alarms.alarm(actor, "slow").threshold == 50_000.0
    assert len(alarms.history(charlie, "slow")) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"namespace": ""}, "Namespace"),
        ({"metric_name": "x" * 256}, "MetricName"),
        ({"statistic": "middling"}, "Statistic"),
        ({"period_s": 0}, "Period"),
        ({"period_s": 45}, "Period"),
        ({"evaluation_periods": 0}, "EvaluationPeriods"),
        ({"period_s": 86_400, "evaluation_periods": 8}, "EvaluationPeriods"),
        ({"datapoints_to_alarm": 3}, "DatapointsToAlarm"),
        ({"threshold": float("nan")}, "Threshold"),
        ({"comparison_operator": "Sideways"}, "ComparisonOperator"),
        ({"treat_missing_data": "perhaps"}, "TreatMissingData"),
        ({"dimensions": {f"d{n}": "x" for n in range(31)}}, "Dimensions"),
        ({"low_samples": "perhaps"}, "EvaluateLowSampleCountPercentile"),
        (
            {"low_samples": "ignore", "statistic": "Average"},
            "EvaluateLowSampleCountPercentile",
        ),
        ({"description": "x" * 1_025}, "AlarmDescription"),
    ],
)
def test_what_cannot_be_is_refused_by_its_member(changes, field) -> None:
    with pytest.raises(ValidationFailed) as refused:
        replace(SPEC, **changes).check()
    assert refused.value.field == field


def test_a_name_too_long_and_a_state_that_is_none_are_refused(actor: Actor) -> None:
    with pytest.raises(ValidationFailed):
        make_alarm(actor, "x" * 256)
    make_alarm(actor)
    with pytest.raises(ValidationFailed, match="OK, ALARM, INSUFFICIENT_DATA"):
        alarms.set_alarm_state(actor, name="slow", state="FINE", reason="")


def test_switching_actions_is_remembered_and_not_a_viewer_s(actor: Actor, bob: Actor) -> None:
    make_alarm(actor)
    alarms.switch_actions(actor, names=["slow", "nothing"], enabled=False)
    alarms.switch_actions(actor, names=["slow"], enabled=False)
    assert not alarms.alarm(actor, "slow").actions_enabled
    summaries = [item.summary for item in alarms.history(actor, "slow")]
    assert summaries == ['Alarm actions of "slow" disabled', 'Alarm "slow" created']
    with pytest.raises(Forbidden):
        alarms.switch_actions(bob, names=["slow"], enabled=True)
