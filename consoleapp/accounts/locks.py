"""One at a time: what is first looked up and then written, of one team."""

from django.db import connection

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Team


def lock_team(actor: Actor) -> None:
    """Until the end of the transaction: for names that must be free, and quotas."""
    # SQLite has no row locks and needs none: a transaction here begins IMMEDIATE.
    if connection.features.has_select_for_update:
        Team.objects.select_for_update().get(pk=actor.team.pk)
