"""Policies change the count of a variant that runs: by what its metrics, or its alarms, say."""

import time
from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.metrics import alarms
from endpoints.autoscaling import evaluation, services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, ScalableTarget, ScalingActivity, ScalingPolicy, Variant
from tests.consoleapp.metrics.alarm_specs import make_alarm
from tests.consoleapp.metrics.samples import make_sample, store
from tests.endpoints.build import serve, settle

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

TRACKED = {
    "TargetValue": 10.0,
    "CustomizedMetricSpecification": {
        "Metrics": [
            {"Id": "load", "Expression": "backlog / 2", "ReturnData": True},
            {
                "Id": "backlog",
                "MetricStat": {
                    "Metric": {"Namespace": "Tests", "MetricName": "Backlog"},
                    "Stat": "Average",
                },
                "ReturnData": False,
            },
        ]
    },
}


@pytest.fixture
def endpoint(actor: Actor, fake: FakeRunner) -> Endpoint:
    made = serve(actor, "e")
    services.register(actor, endpoint="e", variant="v1", least=1, most=4)
    return made


def step_policy(actor: Actor, name: str, step: dict[str, Any], cooldown_s: int = 300) -> str:
    """The ARN of a policy of one step."""
    made = services.put_policy(
        actor,
        endpoint="e",
        variant="v1",
        name=name,
        kind=ScalingPolicy.Kind.STEPS,
        configuration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [step],
            "Cooldown": cooldown_s,
        },
    )
    return made.arn


def desired(endpoint: Endpoint) -> int:
    """After one look at the policies; the endpoint has settled again."""
    evaluation.evaluate_all()
    settle(endpoint)
    return Variant.objects.get(endpoint=endpoint).desired_count


def backlog(value: float) -> None:
    """In every minute of the last twenty."""
    now = int(time.time())
    store(
        *(
            make_sample(
                [value], second=now - 30 * n, name="Backlog", namespace="Tests", dimensions={}
            )
            for n in range(40)
        )
    )


def test_a_metric_that_is_asked_for_in_another_unit_scales_nothing(
    actor: Actor, endpoint: Endpoint
) -> None:
    metric = {"Namespace": "Tests", "MetricName": "Backlog", "Statistic": "Average"}
    backlog(60.0)
    for unit, wanted in (("Count", 1), ("Microseconds", 4)):
        policy = {"TargetValue": 10.0, "CustomizedMetricSpecification": {**metric, "Unit": unit}}
        services.put_policy(actor, endpoint="e", variant="v1", name="p", configuration=policy)
        assert desired(endpoint) == wanted


def test_an_alarm_in_alarm_takes_its_policy_s_step_once_in_a_cooldown(
    actor: Actor, endpoint: Endpoint
) -> None:
    arn = step_policy(actor, "out", {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2})
    make_alarm(actor, actions={"ALARM": [arn]})
    assert desired(endpoint) == 1
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="a rehearsal")
    assert desired(endpoint) == 3
    assert desired(endpoint) == 3
    target = ScalableTarget.objects.get()
    assert target.scaled_from == 1
    activity = ScalingActivity.objects.get()
    assert activity.description == "Setting desired instance count to 3."
    assert "the alarm slow was +0 from its threshold of 50000" in activity.cause


def test_a_step_never_passes_the_target_s_bounds(actor: Actor, endpoint: Endpoint) -> None:
    arn = step_policy(actor, "out", {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 9})
    make_alarm(actor, actions={"ALARM": [arn]})
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="a rehearsal")
    assert desired(endpoint) == 4


def test_the_size_of_the_breach_chooses_the_step(actor: Actor, endpoint: Endpoint) -> None:
    services.put_policy(
        actor,
        endpoint="e",
        variant="v1",
        name="out",
        kind=ScalingPolicy.Kind.STEPS,
        configuration={
            "AdjustmentType": "ExactCapacity",
            "StepAdjustments": [
                {
                    "MetricIntervalLowerBound": 0,
                    "MetricIntervalUpperBound": 50,
                    "ScalingAdjustment": 2,
                },
                {"MetricIntervalLowerBound": 50, "ScalingAdjustment": 3},
            ],
        },
    )
    make_alarm(
        actor,
        namespace="Tests",
        metric_name="Backlog",
        dimensions={},
        statistic="Average",
        period_s=60,
        threshold=100.0,
        actions={"ALARM": [ScalingPolicy.objects.get().arn]},
    )
    backlog(170.0)
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="a rehearsal")
    assert desired(endpoint) == 3


def test_actions_that_are_switched_off_call_nothing(actor: Actor, endpoint: Endpoint) -> None:
    arn = step_policy(actor, "out", {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1})
    make_alarm(actor, actions={"ALARM": [arn]}, actions_enabled=False)
    make_alarm(actor, "other-state", actions={"OK": [arn]})
    for name in ("slow", "other-state"):
        alarms.set_alarm_state(actor, name=name, state="ALARM", reason="a rehearsal")
    assert desired(endpoint) == 1


def test_a_stranger_s_alarm_calls_nothing(actor: Actor, charlie: Actor, endpoint: Endpoint) -> None:
    arn = step_policy(actor, "out", {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1})
    make_alarm(charlie, actions={"ALARM": [arn]})
    alarms.set_alarm_state(charlie, name="slow", state="ALARM", reason="mischief")
    assert desired(endpoint) == 1


def test_an_expression_of_metrics_is_tracked(actor: Actor, endpoint: Endpoint) -> None:
    services.put_policy(actor, endpoint="e", variant="v1", name="t", configuration=TRACKED)
    backlog(50.0)
    # 50 / 2 is two and a half times the target.
    assert desired(endpoint) == 3


def test_an_expression_that_cannot_be_computed_is_refused(actor: Actor, endpoint: Endpoint) -> None:
    metrics = TRACKED["CustomizedMetricSpecification"]["Metrics"]  # type: ignore[index]
    wrong = {**TRACKED, "CustomizedMetricSpecification": {"Metrics": metrics[:1]}}
    with pytest.raises(CallerError, match="Undefined variable 'backlog'"):
        services.put_policy(actor, endpoint="e", variant="v1", name="t", configuration=wrong)
    assert not ScalingPolicy.objects.exists()
