"""Access keys: what AWS clients sign with. The secret is shown once and kept encrypted."""

import secrets
import string
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.encryption import decrypt, encrypt
from consoleapp.accounts.errors import LimitExceeded, NotFound, ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import AccessKey, Membership, Role, User
from consoleapp.accounts.quotas import limit

_ID_LETTERS: Final = string.ascii_uppercase + "234567"
_SECRET_LETTERS: Final = string.ascii_letters + string.digits + "+/"
_SIGNING_ROLES: Final = [Role.OPERATOR.value, Role.PUBLISHER.value, Role.ADMIN.value]


@transaction.atomic
def create(actor: Actor, user: User, description: str = "") -> tuple[AccessKey, str]:
    """A new key of `user` in the actor's team, and its secret, which cannot be had again.

    Operators make their own, admins anyone's of the team.
    """
    actor.must(Role.OPERATOR if user == actor.user else Role.ADMIN)
    check_member(actor, user)
    check_description(description)
    lock_team(actor)
    most = limit(actor.team, "accounts.access_keys_per_user.max")
    if active().filter(team=actor.team, user=user).count() >= most:
        raise LimitExceeded(f"{user.username} has {most:g} access keys already: revoke one first.")
    secret = _letters(_SECRET_LETTERS, 40)
    key = AccessKey.objects.create(
        key_id="AKIA" + _letters(_ID_LETTERS, 16),
        secret_encrypted=encrypt(secret),
        team=actor.team,
        user=user,
        description=description,
    )
    audit.record(actor, "CreateAccessKey", key_id=key.key_id, user=user.username)
    return key, secret


@transaction.atomic
def revoke(actor: Actor, key_id: str) -> None:
    """Ends a key for good. Raises NotFound for another's key, unless the actor is an admin."""
    key = visible(actor).filter(key_id=key_id).first()
    if key is None:
        raise NotFound(f"The access key {key_id} does not exist.")
    if key.revoked_at is not None:
        return
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    audit.record(actor, "DeleteAccessKey", key_id=key.key_id, user=key.user.username)


def secret_of(key: AccessKey) -> str:
    return decrypt(key.secret_encrypted)


def active() -> QuerySet[AccessKey]:
    """Keys that may sign, of every team: not revoked, of an active member who may act.

    A viewer's key is dormant: the gateway knows teams, not roles.
    """
    return AccessKey.objects.filter(
        revoked_at=None,
        user__is_active=True,
        user__membership__team=F("team"),
        user__membership__role__in=_SIGNING_ROLES,
    ).select_related("team", "user")


def visible(actor: Actor) -> QuerySet[AccessKey]:
    """Admins see the team's keys, others their own."""
    rows = AccessKey.objects.filter(team=actor.team).select_related("user").order_by("-created_at")
    return rows if actor.may(Role.ADMIN) else rows.filter(user=actor.user)


def check_member(actor: Actor, user: User) -> None:
    if not Membership.objects.filter(team=actor.team, user=user).exists():
        raise NotFound(f"{user.username} does not belong to the team {actor.team.name}.")


def check_description(description: str) -> None:
    if len(description) > 128:
        raise ValidationFailed(
            "A description has at most 128 characters.",
            field="description",
        )


def _letters(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
