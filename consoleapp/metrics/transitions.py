"""Moves alarms between states: the only writer of an alarm's state."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from consoleapp.metrics.models import Alarm, AlarmHistory
from consoleapp.metrics.signals import alarm_moved


def move(alarm: Alarm, state: str, reason: str, detail: Mapping[str, object]) -> bool:
    """Compare-and-set from the state `alarm` was read in; False when another was faster."""
    before = alarm.state
    changes: dict[str, Any] = {"state": state, "state_reason": reason[:1023]}
    if state != before:
        changes["state_since"] = timezone.now()
    with transaction.atomic(using="metrics"):
        moved = Alarm.objects.filter(pk=alarm.pk, state=before).update(**changes)
        if moved and state != before:
            record(
                alarm,
                AlarmHistory.Kind.STATE,
                f"Alarm updated from {before} to {state}",
                {"old": before, "new": state, "reason": reason, **detail},
            )
    if moved:
        for name, value in changes.items():
            setattr(alarm, name, value)
        if state != before:
            alarm_moved.send_robust(sender=Alarm, alarm=alarm, before=before)
    return bool(moved)


def record(
    alarm: Alarm, kind: AlarmHistory.Kind, summary: str, detail: Mapping[str, object] | None = None
) -> None:
    AlarmHistory.objects.create(
        account=alarm.account,
        region=alarm.region,
        alarm_name=alarm.name,
        kind=kind,
        summary=summary[:255],
        detail=dict(detail or {}),
    )
