"""API tokens of REST `/api/v1/`: a token acts as its user in its team. Only a hash is kept."""

import hashlib
import secrets
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import LimitExceeded, NotFound
from consoleapp.accounts.keys import check_description, check_member
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import ApiToken, Role, User
from consoleapp.accounts.quotas import limit

_SHOWN: Final = 8


@transaction.atomic
def create(actor: Actor, user: User, description: str = "") -> tuple[ApiToken, str]:
    """A new token of `user` in the actor's team, and its text, which cannot be had again."""
    actor.must(Role.VIEWER if user == actor.user else Role.ADMIN)
    check_member(actor, user)
    check_description(description)
    lock_team(actor)
    most = limit(actor.team, "accounts.api_tokens_per_user.max")
    if ApiToken.objects.filter(team=actor.team, user=user, revoked_at=None).count() >= most:
        raise LimitExceeded(f"{user.username} has {most:g} API tokens already: revoke one first.")
    text = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        digest=_digest(text),
        prefix=text[:_SHOWN],
        team=actor.team,
        user=user,
        description=description,
    )
    audit.record(actor, "CreateApiToken", token=token.prefix, user=user.username)
    return token, text


def resolve(token: str) -> ApiToken | None:
    """The usable token of this text: not revoked, its user active and still in the team."""
    return (
        ApiToken.objects.filter(
            digest=_digest(token),
            revoked_at=None,
            user__is_active=True,
            user__membership__team=F("team"),
        )
        .select_related("team", "user")
        .first()
    )


@transaction.atomic
def revoke(actor: Actor, token_id: int) -> None:
    """Ends a token for good. Raises NotFound for another's token, unless the actor is an admin."""
    token = visible(actor).filter(pk=token_id).first()
    if token is None:
        raise NotFound(f"The API token {token_id} does not exist.")
    if token.revoked_at is not None:
        return
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record(actor, "DeleteApiToken", token=token.prefix, user=token.user.username)


def visible(actor: Actor) -> QuerySet[ApiToken]:
    """Admins see the team's tokens, others their own."""
    rows = ApiToken.objects.filter(team=actor.team).select_related("user").order_by("-created_at")
    return rows if actor.may(Role.ADMIN) else rows.filter(user=actor.user)


def _digest(token: str) -> str:
    # Plain SHA-256 is enough: the token is 256 random bits, not a password to guess.
    return hashlib.sha256(token.encode()).hexdigest()
