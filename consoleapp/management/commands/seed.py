"""`manage.py seed`: trains the sample models and registers them for the first team."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from consoleapp.accounts import bootstrap
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Team
from endpoints.samples.seed import seed
from endpoints.samples.training import TrainingFailed
from endpoints.stacks.build import StackBuildFailed


class Command(BaseCommand):
    help = (
        "Trains the sample models and registers them. Running it again completes what is missing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        bootstrap.ensure_first_team()
        team = Team.objects.order_by("pk").first()
        assert team is not None
        actor = Actor.system(team, settings.DEFAULT_REGION)
        try:
            seed(actor, self._say)
        except (StackBuildFailed, TrainingFailed) as error:
            raise CommandError(str(error)) from None

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()
