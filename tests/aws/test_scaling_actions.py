"""What alarms and the clock do to an endpoint's instances through boto3: steps and schedules."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.aws.scaled import counts, served, where
from tests.live import wait_for


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any) -> Iterator[str]:
    with served(sagemaker) as name:
        yield name


def test_an_alarm_calls_a_step_policy(
    aws: ClientOf, scaling: Any, sagemaker: Any, endpoint: str
) -> None:
    cloudwatch, namespace = aws("cloudwatch"), f"Steps/{endpoint}"
    scaling.register_scalable_target(**where(endpoint), MinCapacity=1, MaxCapacity=2)
    arns = {
        name: scaling.put_scaling_policy(
            PolicyName=name,
            **where(endpoint),
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "MetricAggregationType": "Average",
                "Cooldown": 0,
                "StepAdjustments": [step],
            },
        )["PolicyARN"]
        for name, step in (
            ("out", {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 5}),
            ("in", {"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1}),
        )
    }
    for name, comparison, threshold in (
        ("out", "GreaterThanOrEqualToThreshold", 100.0),
        ("in", "LessThanThreshold", 10.0),
    ):
        cloudwatch.put_metric_alarm(
            AlarmName=f"{endpoint}-{name}",
            Namespace=namespace,
            MetricName="Backlog",
            Statistic="Average",
            Period=10,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator=comparison,
            TreatMissingData="notBreaching",
            AlarmActions=[arns[name]],
        )
    told = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", PolicyNames=["out"])
    (policy,) = told["ScalingPolicies"]
    assert policy["PolicyType"] == "StepScaling"
    assert policy["StepScalingPolicyConfiguration"]["StepAdjustments"][0]["ScalingAdjustment"] == 5
    assert [alarm["AlarmName"] for alarm in policy["Alarms"]] == [f"{endpoint}-out"]

    def reached(count: int, backlog: float) -> bool:
        data = [{"MetricName": "Backlog", "Value": backlog}]
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
        return counts(sagemaker, endpoint) == (count, count, "InService")

    wait_for("the second instance", lambda: reached(2, 150.0), timeout_s=150, every_s=1)
    wait_for("one instance again", lambda: reached(1, 5.0), timeout_s=150, every_s=1)
    latest = scaling.describe_scaling_activities(**where(endpoint))["ScalingActivities"]
    # The activities of a target go with it: only these two are left of this endpoint's.
    assert f"the alarm {endpoint}-in was -" in latest[0]["Cause"]
    assert f"the alarm {endpoint}-out was +" in latest[1]["Cause"]
    cloudwatch.delete_alarms(AlarmNames=[f"{endpoint}-out", f"{endpoint}-in"])
    scaling.deregister_scalable_target(**where(endpoint))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"StepAdjustments": []}, "At least one step adjustment"),
        ({"AdjustmentType": "Sideways"}, "enum value set"),
        (
            {
                "StepAdjustments": [
                    {
                        "MetricIntervalLowerBound": 0,
                        "MetricIntervalUpperBound": 5,
                        "ScalingAdjustment": 1,
                    },
                    {"MetricIntervalLowerBound": 6, "ScalingAdjustment": 2},
                ]
            },
            "gaps",
        ),
    ],
)
def test_steps_that_make_no_policy_are_refused(
    scaling: Any, endpoint: str, changes: dict[str, Any], told: str
) -> None:
    scaling.register_scalable_target(**where(endpoint), MinCapacity=1, MaxCapacity=1)
    steps = [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]
    with pytest.raises(ClientError, match=told) as caught:
        scaling.put_scaling_policy(
            PolicyName="steps",
            **where(endpoint),
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": steps,
                **changes,
            },
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    scaling.deregister_scalable_target(**where(endpoint))


def test_a_scheduled_action_changes_the_bounds_and_the_count(
    scaling: Any, sagemaker: Any, endpoint: str
) -> None:
    scaling.register_scalable_target(**where(endpoint), MinCapacity=1, MaxCapacity=1)
    soon = datetime.now(UTC) + timedelta(seconds=5)
    scaling.put_scheduled_action(
        **where(endpoint),
        ScheduledActionName="morning",
        Schedule=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 2},
    )
    (told,) = scaling.describe_scheduled_actions(
        ServiceNamespace="sagemaker", ScheduledActionNames=["morning"]
    )["ScheduledActions"]
    assert told["ScalableTargetAction"] == {"MinCapacity": 2, "MaxCapacity": 2}
    assert told["Timezone"] == "UTC"
    wait_for(
        "the second instance",
        lambda: counts(sagemaker, endpoint) == (2, 2, "InService"),
        timeout_s=150,
        every_s=1,
    )
    (target,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[where(endpoint)["ResourceId"]]
    )["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 2)
    scaling.delete_scheduled_action(**where(endpoint), ScheduledActionName="morning")
    with pytest.raises(ClientError) as caught:
        scaling.delete_scheduled_action(**where(endpoint), ScheduledActionName="morning")
    assert caught.value.response["Error"]["Code"] == "ObjectNotFoundException"
    with pytest.raises(ClientError, match="A schedule is at"):
        scaling.put_scheduled_action(
            **where(endpoint),
            ScheduledActionName="never",
            Schedule="whenever",
            ScalableTargetAction={"MinCapacity": 1},
        )
    scaling.register_scalable_target(**where(endpoint), MinCapacity=1, MaxCapacity=1)
    wait_for(
        "one instance again",
        lambda: counts(sagemaker, endpoint) == (1, 1, "InService"),
        timeout_s=150,
        every_s=1,
    )
    scaling.deregister_scalable_target(**where(endpoint))
