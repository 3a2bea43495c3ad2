"""Application Auto Scaling's scheduled actions."""

from typing import Any

from consoleapp.accounts.actor import Actor
from consoleapp.aws.paging import page
from endpoints.autoscaling import schedules
from endpoints.aws import scalable
from endpoints.models import ScheduledAction


def put_scheduled_action(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint, variant = scalable.resource(params)
    name = params["ScheduledActionName"]
    schedules.put(actor, endpoint=endpoint, variant=variant, name=name, members=params)
    return {}


def describe_scheduled_actions(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = schedules.actions(actor)
    if scalable.elsewhere(params):
        rows = rows.none()
    if "ScheduledActionNames" in params:
        rows = rows.filter(name__in=params["ScheduledActionNames"])
    if "ResourceId" in params:
        endpoint, variant = scalable.parsed(params["ResourceId"])
        rows = rows.filter(target__endpoint__name=endpoint, target__variant_name=variant)
    return page(rows, scalable.sized(params), "ScheduledActions", _action)


def delete_scheduled_action(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint, variant = scalable.resource(params)
    name = params["ScheduledActionName"]
    schedules.delete(actor, endpoint=endpoint, variant=variant, name=name)
    return {}


def _action(row: ScheduledAction) -> dict[str, Any]:
    bounds = {"MinCapacity": row.min_capacity, "MaxCapacity": row.max_capacity}
    return {
        **scalable.where(row.target),
        "ScheduledActionName": row.name,
        "ScheduledActionARN": row.arn,
        "Schedule": row.schedule,
        "Timezone": row.zone,
        "StartTime": row.starts_at,
        "EndTime": row.ends_at,
        "ScalableTargetAction": {name: told for name, told in bounds.items() if told is not None},
        "CreationTime": row.created_at,
    }
