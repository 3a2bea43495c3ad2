"""One at a time: what is first looked up and then written, of one team."""

from django.db import connection

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Team


def lock_team(actor: Actor) -> None:
    """Until the end of the transaction: for names that must be free, and quotas.

    Rows that merely belong to the team can still be written (`no_key`): who writes one holds other
    locks, and would wait for this one while its holder waits for those.
    """
    # SQLite has no row locks and needs none: a transaction here begins IMMEDIATE.
    if connection.features.has_select_for_update:
        Team.objects.select_for_update(no_key=True).get(pk=actor.team.pk)
