"""Which of their teams, and which region, a signed-in person works in: kept in the session."""

from typing import Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from consoleapp.accounts.models import Membership, User

_TEAM: Final = "account_id"
_REGION: Final = "region"
_SENT: Final = "sent_forms"
_REMEMBERED: Final = 20


def actor_of_session(user: User, session: SessionBase) -> Actor | None:
    """The chosen team while they belong to it, else their first; None without any team."""
    memberships = list(_memberships(user))
    if not memberships:
        return None
    chosen = session.get(_TEAM)
    membership = next((m for m in memberships if m.team.account_id == chosen), memberships[0])
    return Actor(
        team=membership.team,
        region=_known_region(session.get(_REGION)),
        role=membership.role,
        user=user,
    )


def switch_team(user: User, session: SessionBase, *, account_id: str) -> None:
    """Raises NotFound for a team that is not theirs, whether it exists or not."""
    if not _memberships(user).filter(team__account_id=account_id).exists():
        raise NotFound(f"You belong to no team with the account id {account_id}.")
    session[_TEAM] = account_id


def switch_region(session: SessionBase, *, region: str) -> None:
    if region not in settings.REGIONS:
        raise NotFound(f"There is no region {region} here.")
    session[_REGION] = region


def _known_region(region: object) -> str:
    regions: list[str] = settings.REGIONS
    return region if isinstance(region, str) and region in regions else regions[0]


def _memberships(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user).select_related("team").order_by("team__name")


def is_first(session: SessionBase, form_id: str) -> bool:
    """False when this very form was sent before, as by a reload of its answer."""
    sent: list[str] = session.get(_SENT, [])
    if form_id and form_id in sent:
        return False
    session[_SENT] = [*sent, form_id][-_REMEMBERED:]
    return True
