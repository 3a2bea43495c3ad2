"""Application Auto Scaling through boto3, with its effect on a real endpoint's instances."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.live import wait_for

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
SAMPLE = "breast-cancer-xgboost-small"


@pytest.fixture(scope="module")
def scaling(aws: ClientOf) -> Any:
    return aws("application-autoscaling")


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any) -> Iterator[str]:
    name = f"as-{uuid.uuid4().hex[:8]}"
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "v1",
                "ModelName": SAMPLE,
                "InstanceType": "ml.c5.large",
                "InitialInstanceCount": 1,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 240}
    )
    yield name
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)


def where(endpoint: str, variant: str = "v1") -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": DIMENSION,
    }


def counts(sagemaker: Any, endpoint: str) -> tuple[int, int, str]:
    told = sagemaker.describe_endpoint(EndpointName=endpoint)
    (variant,) = told["ProductionVariants"]
    return (
        variant["CurrentInstanceCount"],
        variant["DesiredInstanceCount"],
        told["EndpointStatus"],
    )


def test_a_customized_metric_adds_instances_and_takes_them_away(
    aws: ClientOf, scaling: Any, sagemaker: Any, endpoint: str
) -> None:
    namespace = f"Scaling/{endpoint}"
    scaling.register_scalable_target(**where(endpoint), MinCapacity=1, MaxCapacity=2)
    policy = scaling.put_scaling_policy(
        PolicyName="by-load",
        **where(endpoint),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 10.0,
            "CustomizedMetricSpecification": {
                "MetricName": "Load",
                "Namespace": namespace,
                "Statistic": "Average",
            },
            "ScaleInCooldown": 0,
            "ScaleOutCooldown": 0,
        },
    )
    assert policy["PolicyARN"].endswith("policyName/by-load")
    _put(aws, namespace, 50.0)
    wait_for(
        "the second instance",
        lambda: counts(sagemaker, endpoint) == (2, 2, "InService"),
        timeout_s=150,
        every_s=1,
    )
    # CloudWatch has no eraser: the quiet quarter of an hour is another metric's.
    scaling.put_scaling_policy(
        PolicyName="by-load",
        **where(endpoint),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 10.0,
            "CustomizedMetricSpecification": {
                "MetricName": "Quiet",
                "Namespace": namespace,
                "Statistic": "Average",
            },
            "ScaleInCooldown": 0,
            "ScaleOutCooldown": 0,
        },
    )
    _put(aws, namespace, 1.0, metric="Quiet")
    wait_for(
        "one instance again",
        lambda: counts(sagemaker, endpoint) == (1, 1, "InService"),
        timeout_s=150,
        every_s=1,
    )
    told = scaling.describe_scaling_activities(**where(endpoint))["ScalingActivities"]
    assert [each["StatusCode"] for each in told] == ["Successful", "Successful"]
    assert "to 1" in told[0]["Description"]
    assert "above the target" in told[1]["Cause"]
    scaling.delete_scaling_policy(PolicyName="by-load", **where(endpoint))
    scaling.deregister_scalable_target(**where(endpoint))


def _put(aws: ClientOf, namespace: str, value: float, metric: str = "Load") -> None:
    """A value in every ten seconds of the last quarter of an hour and of the next minutes."""
    now = datetime.now(UTC)
    data = [
        {"MetricName": metric, "Value": value, "Timestamp": now + timedelta(seconds=offset)}
        for offset in range(-16 * 60, 0, 5)
    ]
    cloudwatch = aws("cloudwatch")
    for start in range(0, len(data), 100):
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=data[start : start + 100])


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


def test_targets_and_policies_are_described_and_removed(scaling: Any, endpoint: str) -> None:
    scaling.register_scalable_target(**where(endpoint), MinCapacity=1, MaxCapacity=1)
    scaling.register_scalable_target(**where(endpoint), MaxCapacity=3)
    (target,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[where(endpoint)["ResourceId"]]
    )["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 3)
    scaling.put_scaling_policy(
        PolicyName="invocations",
        **where(endpoint),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 70.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    (policy,) = scaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=where(endpoint)["ResourceId"]
    )["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70.0
    assert policy["PolicyType"] == "TargetTrackingScaling"
    scaling.deregister_scalable_target(**where(endpoint))
    assert not scaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=where(endpoint)["ResourceId"]
    )["ScalingPolicies"]
    with pytest.raises(ClientError) as caught:
        scaling.deregister_scalable_target(**where(endpoint))
    assert caught.value.response["Error"]["Code"] == "ObjectNotFoundException"


@pytest.mark.parametrize(
    "changes",
    [
        {"MinCapacity": 2, "MaxCapacity": 1},
        {"MinCapacity": 0, "MaxCapacity": 1},
        {"MinCapacity": 1},
        {"MinCapacity": 1, "MaxCapacity": 1000},
        {"MinCapacity": 1, "MaxCapacity": 1, "ResourceId": "endpoint/no-such/variant/v1"},
        {"MinCapacity": 1, "MaxCapacity": 1, "ResourceId": "table/mine"},
        {"MinCapacity": 1, "MaxCapacity": 1, "ServiceNamespace": "ecs"},
    ],
)
def test_a_wrong_target_is_refused(scaling: Any, endpoint: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        scaling.register_scalable_target(**{**where(endpoint), **changes})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_policy_needs_its_target(scaling: Any, endpoint: str) -> None:
    tracking = {
        "TargetValue": 1.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
    }
    with pytest.raises(ClientError, match="No scalable target registered"):
        scaling.put_scaling_policy(
            PolicyName="p",
            **where(endpoint, "other"),
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )
