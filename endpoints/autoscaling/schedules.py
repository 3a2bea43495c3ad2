"""Scheduled actions: put, removed, and carried out when their time has come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import Role
from endpoints import schedule
from endpoints.autoscaling import services
from endpoints.autoscaling.services import NoSuchObject
from endpoints.models import ScalableTarget, ScheduledAction

_INSTANT: Final = timedelta(microseconds=1)
#: A look goes through every minute since the last one that was remembered.
_LOOKED_THROUGH: Final = timedelta(hours=1)
_COLUMNS: Final = (
    *("schedule", "zone", "starts_at", "ends_at", "min_capacity", "max_capacity", "looked_at"),
)


def actions(actor: Actor) -> QuerySet[ScheduledAction]:
    return services.of_targets(ScheduledAction.objects.order_by("id"), actor)


def put(
    actor: Actor, *, endpoint: str, variant: str, name: str, members: Mapping[str, Any]
) -> ScheduledAction:
    """`members`: PutScheduledAction's. Of an action that is there, what is given changes; start
    and end go when they are not given, as documented."""
    actor.must(Role.OPERATOR)
    target = services.target(actor, endpoint, variant)
    with transaction.atomic():
        lock_team(actor)
        found = target.scheduled_actions.filter(name=name).first()
        found = found or ScheduledAction(target=target, name=name)
        _change_members(found, members)
        _check(actor, found)
        found.save(update_fields=_COLUMNS if found.pk else None)
        audit.record(actor, "PutScheduledAction", target.endpoint.arn, name=name)
    return found


def _change_members(action: ScheduledAction, members: Mapping[str, Any]) -> None:
    action.schedule = members.get("Schedule", action.schedule)
    action.zone = members.get("Timezone", action.zone)
    action.starts_at, action.ends_at = members.get("StartTime"), members.get("EndTime")
    if "ScalableTargetAction" in members:
        told = members["ScalableTargetAction"]
        action.min_capacity = told.get("MinCapacity")
        action.max_capacity = told.get("MaxCapacity")
    # What a new time would have made due before now was not asked for.
    action.looked_at = timezone.now()


def delete(actor: Actor, *, endpoint: str, variant: str, name: str) -> None:
    actor.must(Role.OPERATOR)
    target = services.target(actor, endpoint, variant)
    found = target.scheduled_actions.filter(name=name).first()
    if found is None:
        raise NoSuchObject(f"No scheduled action found for name: {name}")
    with transaction.atomic():
        audit.record(actor, "DeleteScheduledAction", target.endpoint.arn, name=name)
        found.delete()


def carry_out(target: ScalableTarget, now: datetime) -> None:
    """Changes the target's bounds by the actions that have become due since the last look."""
    for action in sorted(target.scheduled_actions.all(), key=lambda each: each.pk):
        since, until = _span(action, now)
        due = since < until and _schedule(action)(since, until)
        if not due and now - action.looked_at < _LOOKED_THROUGH:
            continue
        with transaction.atomic():
            first = _remember(action, now)
            if first and due and not target.suspended.get("ScheduledScalingSuspended"):
                _change(target, action)


def _remember(action: ScheduledAction, now: datetime) -> bool:
    """False when another has looked, or put it anew, since it was read."""
    as_read = ScheduledAction.objects.filter(pk=action.pk, looked_at=action.looked_at)
    return bool(as_read.update(looked_at=now))


def _span(action: ScheduledAction, now: datetime) -> tuple[datetime, datetime]:
    since, until = action.looked_at, now
    if action.starts_at is not None:
        since = max(since, action.starts_at - _INSTANT)
    if action.ends_at is not None:
        until = min(until, action.ends_at)
    return since, until


def _change(target: ScalableTarget, action: ScheduledAction) -> None:
    # As they are now: whoever changed one since the target was read must not lose it.
    now = ScalableTarget.objects.select_for_update(no_key=True).get(pk=target.pk)
    target.min_capacity, target.max_capacity = now.min_capacity, now.max_capacity
    least = target.min_capacity if action.min_capacity is None else action.min_capacity
    most = target.max_capacity if action.max_capacity is None else action.max_capacity
    fits = least <= most
    if fits:
        target.min_capacity, target.max_capacity = least, most
        target.save(update_fields=["min_capacity", "max_capacity"])
    services.tell(
        target,
        description=f"Setting min capacity to {least} and max capacity to {most}",
        cause=f"scheduled action name {action.name} was triggered",
        problem="" if fits else "The min capacity would be above the max capacity.",
    )


def _schedule(action: ScheduledAction) -> schedule.Schedule:
    anchor = action.starts_at or action.created_at
    return schedule.parse(action.schedule, ZoneInfo(action.zone), anchor)


def _check(actor: Actor, action: ScheduledAction) -> None:
    """Raises ValidationFailed for what could never be carried out."""
    try:
        _schedule(action)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        told = str(problem) if isinstance(problem, schedule.BadSchedule) else "Unknown time zone."
        raise ValidationFailed(told, field="Schedule") from None
    if action.starts_at and action.ends_at and action.ends_at <= action.starts_at:
        raise ValidationFailed("EndTime must be after StartTime.", field="EndTime")
    least, most = action.min_capacity, action.max_capacity
    if least is None and most is None:
        raise ValidationFailed("A scheduled action sets MinCapacity, MaxCapacity or both.")
    services.check_bounds(
        actor, 1 if least is None else least, (least or 1) if most is None else most
    )
