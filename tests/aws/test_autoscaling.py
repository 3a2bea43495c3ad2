"""Application Auto Scaling through boto3, with its effect on a real endpoint's instances."""

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
