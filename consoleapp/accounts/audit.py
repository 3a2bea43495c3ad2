"""The audit trail: who did what. Written by services, in the transaction of the deed."""

from typing import Any

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import AuditEvent


def record(actor: Actor, action: str, arn: str = "", **detail: Any) -> None:
    AuditEvent.objects.create(
        team=actor.team,
        user=actor.user,
        action=action,
        resource_arn=arn[:256],
        detail=detail,
    )
