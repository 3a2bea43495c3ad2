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
    rows = scalable.of_targets(schedules.actions(actor), params)
    if "ScheduledActionNames" in params:
        rows = rows.filter(name__in=params["ScheduledActionNames"])
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
