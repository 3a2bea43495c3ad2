"""What every AWS resource row has: a team, a region, a name unique among both, an ARN."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from consoleapp.accounts.models import Team


class Resource(models.Model):
    #: The word between account and name in the ARN.
    arn_kind: ClassVar[str]

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["team", "region", "name"], name="one_%(app_label)s_%(class)s_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.team.account_id}:{self.arn_kind}/{self.name}"


class Deletable(Resource):
    """A resource that goes from sight at once and from the table when nothing refers to it.

    AWS lets a script delete an endpoint, its configuration and its model in one breath, while the
    endpoint still winds down: a row in use only gets its `deleted_at`, and its name is free.
    """

    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["team", "region", "name"],
                condition=models.Q(deleted_at__isnull=True),
                name="one_%(app_label)s_%(class)s_name",
            )
        ]
        indexes = [
            # Lists are of the living, newest first; the quota counts them without reading a row.
            models.Index(
                fields=["team", "region", "deleted_at", "created_at", "id"],
                name="living_%(class)s",
            )
        ]
