"""Which team owns which bucket. Names are global, as at AWS."""

from django.db import models
from django.utils import timezone

from consoleapp.accounts.models import Team


class Bucket(models.Model):
    name = models.CharField(max_length=63, unique=True)
    # Protected: who made a bucket of a forgotten name would find what is still in it.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="buckets")
    region = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
