"""WizardDraft: the wizard's answers, kept after every step, so a closed tab loses nothing."""

import uuid

from django.db import models
from django.utils import timezone

from consoleapp.accounts.models import Team, User


class WizardDraft(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    #: Step slug -> field -> values, as typed: an unfinished step comes back too (views/drafts.py).
    answers = models.JSONField(default=dict, blank=True)
    #: Goes with the job: a draft without one is a draft to resume.
    submitted_job = models.ForeignKey(
        "recommender.Job", on_delete=models.CASCADE, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    modified_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"draft {self.id}"
