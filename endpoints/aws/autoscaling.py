"""Application Auto Scaling's operations, for SageMaker variants."""

from typing import Any, Final

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.aws.paging import page
from endpoints.autoscaling import services, step_policies
from endpoints.aws import scalable
from endpoints.models import ScalableTarget, ScalingActivity, ScalingPolicy

#: Kind of policy -> the member that configures it.
_CONFIGURED_BY: Final = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}


def register_scalable_target(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint, variant = scalable.resource(params)
    found = services.register(
        actor,
        endpoint=endpoint,
        variant=variant,
        least=params.get("MinCapacity"),
        most=params.get("MaxCapacity"),
        role_arn=params.get("RoleARN", ""),
        suspended=params.get("SuspendedState"),
    )
    return {"ScalableTargetARN": found.arn}


def describe_scalable_targets(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = scalable.narrowed(services.targets(actor), params)
    if "ResourceIds" in params:
        wanted = set(params["ResourceIds"])
        rows = rows.filter(pk__in=[row.pk for row in rows if row.resource_id in wanted])
    return page(rows, scalable.sized(params), "ScalableTargets", _target)


def deregister_scalable_target(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint, variant = scalable.resource(params)
    services.deregister(actor, endpoint=endpoint, variant=variant)
    return {}


def put_scaling_policy(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint, variant = scalable.resource(params)
    kind = params.get("PolicyType", "StepScaling")
    member = _CONFIGURED_BY.get(kind)
    if member is None or member not in params:
        raise ValidationFailed(
            "This console has the policy types "
            + " and ".join(f"{each} (with a {name})" for each, name in _CONFIGURED_BY.items())
            + "."
        )
    policy = services.put_policy(
        actor,
        endpoint=endpoint,
        variant=variant,
        name=params["PolicyName"],
        configuration=params[member],
        kind=kind,
    )
    return {"PolicyARN": policy.arn, "Alarms": _alarms(policy)}


def describe_scaling_policies(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = scalable.of_targets(services.policies(actor), params)
    if "PolicyNames" in params:
        rows = rows.filter(name__in=params["PolicyNames"])
    return page(rows, scalable.sized(params), "ScalingPolicies", _policy)


def delete_scaling_policy(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint, variant = scalable.resource(params)
    services.delete_policy(actor, endpoint=endpoint, variant=variant, name=params["PolicyName"])
    return {}


def describe_scaling_activities(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = scalable.of_targets(services.activities(actor), params)
    return page(rows, scalable.sized(params), "ScalingActivities", _activity)


def _target(row: ScalableTarget) -> dict[str, Any]:
    linked = f"arn:aws:iam::{row.endpoint.team.account_id}:role/aws-service-role/sagemaker"
    suspended = ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")
    return {
        **scalable.where(row),
        "MinCapacity": row.min_capacity,
        "MaxCapacity": row.max_capacity,
        "RoleARN": row.role_arn or linked,
        "CreationTime": row.created_at,
        "SuspendedState": {
            f"{each}Suspended": bool(row.suspended.get(f"{each}Suspended")) for each in suspended
        },
        "ScalableTargetARN": row.arn,
    }


def _policy(row: ScalingPolicy) -> dict[str, Any]:
    return {
        **scalable.where(row.target),
        "PolicyARN": row.arn,
        "PolicyName": row.name,
        "PolicyType": row.kind,
        _CONFIGURED_BY[row.kind]: row.configuration,
        "Alarms": _alarms(row),
        "CreationTime": row.created_at,
    }


def _alarms(row: ScalingPolicy) -> list[dict[str, str]]:
    """Of a step policy, those that call it. Target tracking is evaluated without alarms here."""
    if row.kind != ScalingPolicy.Kind.STEPS:
        return []
    return [
        {"AlarmName": alarm.name, "AlarmARN": alarm.arn} for alarm in step_policies.alarms_of(row)
    ]


def _activity(row: ScalingActivity) -> dict[str, Any]:
    return {
        **scalable.where(row.target),
        "ActivityId": f"{row.pk:032x}",
        "Description": row.description,
        "Cause": row.cause,
        "StartTime": row.at,
        "EndTime": row.at,
        "StatusCode": row.status,
        "StatusMessage": row.message or None,
    }
