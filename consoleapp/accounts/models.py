"""Who you are: users, teams with their 12-digit account, keys, roles, quotas, tags, audit."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone


class User(AbstractUser):
    """Signs in to the console; belongs to teams by membership."""


class Team(models.Model):
    """Owns every row: one team is one AWS account."""

    name = models.CharField(max_length=64, unique=True)
    account_id = models.CharField(
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^\d{12}$", "An account id has exactly 12 digits.")],
    )
    created_at = models.DateTimeField(default=timezone.now)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"


class Role(models.TextChoices):
    """What a member may do; each includes those before it."""

    VIEWER = "viewer", "Viewer: sees everything of the team"
    OPERATOR = "operator", "Operator: runs jobs and endpoints"
    # A role of its own: a registered model is code that the embedded host runs.
    PUBLISHER = "publisher", "Publisher: also registers models"
    ADMIN = "admin", "Admin: also manages members, keys and quotas"


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.OPERATOR)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}: {self.role}"


class AccessKey(models.Model):
    """An AWS-style key pair of a team. The secret is shown once and stored encrypted."""

    key_id = models.CharField(max_length=32, unique=True)
    secret_encrypted = models.BinaryField()
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="access_keys")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_keys")
    description = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key_id


class ApiToken(models.Model):
    """A bearer token of REST `/api/v1/`: acts as its user in its team. Only a hash is stored."""

    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    description = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.prefix}…"


class IamRole(models.Model):
    """An IAM role of the account: kept and passed on, as the embedded hosts have no IAM."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="iam_roles")
    name = models.CharField(max_length=64)
    path = models.CharField(max_length=512, default="/")
    description = models.CharField(max_length=1000, blank=True)
    assume_role_policy = models.TextField(blank=True)
    attached_policies = models.JSONField(default=list, blank=True)
    #: Name -> policy document, as sent.
    inline_policies = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "IAM role"
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="one_role_name")]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.team.account_id}:role{self.path}{self.name}"


class Quota(models.Model):
    """A team's own limit in place of the default (see quotas.py); only an admin sets it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="quotas")
    code = models.CharField(max_length=64)
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "code"], name="one_quota")]

    def __str__(self) -> str:
        return f"{self.team}: {self.code} = {self.value:g}"


class Tag(models.Model):
    """A key and value on any resource, by ARN."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    resource_arn = models.CharField(max_length=256)
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource_arn", "key"], name="one_tag")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class AuditEvent(models.Model):
    """Who did what to which resource, and when. Written by services, never changed."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=64)
    resource_arn = models.CharField(max_length=256, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.resource_arn}"
