"""Application Auto Scaling on the wire: what is described, to whom, and what is refused."""

from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from endpoints.aws import autoscaling
from endpoints.models import ScalableTarget, ScalingActivity
from tests.endpoints.build import make_endpoint

pytestmark = pytest.mark.usefixtures("fake")

TRACKING = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    },
}


def where(variant: str = "v1", endpoint: str = "e") -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def register(actor: Actor, variant: str = "v1", **members: Any) -> dict[str, Any]:
    given = {"MinCapacity": 1, "MaxCapacity": 3, **members}
    return autoscaling.register_scalable_target(actor, {**where(variant), **given})


def put(actor: Actor, variant: str = "v1", name: str = "p") -> dict[str, Any]:
    return autoscaling.put_scaling_policy(
        actor,
        {
            **where(variant),
            "PolicyName": name,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": TRACKING,
        },
    )


def targets(actor: Actor, **params: Any) -> list[dict[str, Any]]:
    given = {"ServiceNamespace": "sagemaker", **params}
    return list(autoscaling.describe_scalable_targets(actor, given)["ScalableTargets"])


@pytest.fixture(autouse=True)
def two_targets(actor: Actor) -> None:
    make_endpoint(actor, "e", variants=2)
    for variant in ("v1", "v2"):
        register(actor, variant)


def test_a_target_is_described_as_it_was_registered(actor: Actor) -> None:
    register(actor, RoleARN="arn:aws:iam::123456789012:role/scaling")
    first, second = targets(actor)
    assert first["ResourceId"] == "endpoint/e/variant/v1"
    assert (first["MinCapacity"], first["MaxCapacity"]) == (1, 3)
    assert first["RoleARN"] == "arn:aws:iam::123456789012:role/scaling"
    assert ":role/aws-service-role/sagemaker" in second["RoleARN"]
    assert set(first["SuspendedState"].values()) == {False}


def test_a_suspension_is_kept_until_it_is_lifted(actor: Actor) -> None:
    register(actor, SuspendedState={"DynamicScalingInSuspended": True})
    register(actor, MaxCapacity=2)
    assert targets(actor)[0]["SuspendedState"]["DynamicScalingInSuspended"] is True
    register(actor, SuspendedState={"DynamicScalingInSuspended": False})
    assert targets(actor)[0]["SuspendedState"]["DynamicScalingInSuspended"] is False


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 2),
        ({"ResourceIds": ["endpoint/e/variant/v2", "endpoint/other/variant/v2"]}, 1),
        ({"ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}, 2),
        ({"ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"}, 0),
        ({"ServiceNamespace": "ecs"}, 0),
    ],
)
def test_each_filter_narrows_the_targets(actor: Actor, params: dict[str, Any], count: int) -> None:
    assert len(targets(actor, **params)) == count


def test_targets_come_in_pages(actor: Actor) -> None:
    sized = {"ServiceNamespace": "sagemaker", "MaxResults": 1}
    first = autoscaling.describe_scalable_targets(actor, sized)
    token = {"NextToken": first["NextToken"]}
    second = autoscaling.describe_scalable_targets(actor, {**sized, **token})
    assert "NextToken" not in second
    told = [each["ResourceId"] for page in (first, second) for each in page["ScalableTargets"]]
    assert told == ["endpoint/e/variant/v1", "endpoint/e/variant/v2"]


@pytest.mark.parametrize("size", [0, 51])
def test_a_page_beyond_fifty_is_refused(actor: Actor, size: int) -> None:
    with pytest.raises(CallerError, match="MaxResults"):
        targets(actor, MaxResults=size)


def test_policies_are_found_by_name_and_resource(actor: Actor) -> None:
    arn = put(actor, "v1", "one")["PolicyARN"]
    put(actor, "v2", "two")

    def listed(**params: Any) -> list[str]:
        given = {"ServiceNamespace": "sagemaker", **params}
        found = autoscaling.describe_scaling_policies(actor, given)["ScalingPolicies"]
        return [each["PolicyName"] for each in found]

    assert arn.endswith("policyName/one")
    assert listed() == ["one", "two"]
    assert listed(PolicyNames=["two", "three"]) == ["two"]
    assert listed(ResourceId="endpoint/e/variant/v1") == ["one"]
    autoscaling.delete_scaling_policy(actor, {**where("v1"), "PolicyName": "one"})
    assert listed() == ["two"]
    autoscaling.deregister_scalable_target(actor, where("v2"))
    assert listed() == []


def test_activities_are_told_newest_first(actor: Actor) -> None:
    target = ScalableTarget.objects.get(variant_name="v1")
    for text in ("older", "newer"):
        ScalingActivity.objects.create(
            target=target, description=text, cause="why", status=ScalingActivity.Status.SUCCESSFUL
        )
    given = {"ServiceNamespace": "sagemaker", "ResourceId": target.resource_id}
    found = autoscaling.describe_scaling_activities(actor, given)["ScalingActivities"]
    assert [each["Description"] for each in found] == ["newer", "older"]
    assert found[0]["StatusCode"] == "Successful"
    assert len({each["ActivityId"] for each in found}) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"ServiceNamespace": "ecs"},
        {"ScalableDimension": "ecs:service:DesiredCount"},
        {"ResourceId": "service/default/web"},
        {"ResourceId": "endpoint/e/variant/v1/more"},
        {"ResourceId": "endpoint/none/variant/v1"},
        {"ResourceId": "endpoint/e/variant/none"},
    ],
)
def test_what_is_no_variant_cannot_scale(actor: Actor, changes: dict[str, str]) -> None:
    sent = {**where(), "MinCapacity": 1, "MaxCapacity": 2, **changes}
    with pytest.raises(CallerError) as caught:
        autoscaling.register_scalable_target(actor, sent)
    assert caught.value.code == "ValidationException"


def test_a_viewer_reads_and_changes_nothing(actor: Actor, bob: Actor) -> None:
    assert len(targets(bob)) == 2
    with pytest.raises(CallerError) as caught:
        register(bob)
    assert caught.value.code == "AccessDeniedException"


def test_a_stranger_sees_and_reaches_nothing(actor: Actor, charlie: Actor) -> None:
    assert targets(charlie) == []
    with pytest.raises(CallerError) as caught:
        autoscaling.deregister_scalable_target(charlie, where())
    assert caught.value.code == "ObjectNotFoundException"
    with pytest.raises(CallerError, match="Could not find endpoint"):
        register(charlie)
