"""Topics, who listens to them, and every message on its way to a listener."""

import secrets
import uuid

from django.db import models
from django.utils import timezone

from consoleapp.accounts.models import Team


class Topic(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=256)
    #: DisplayName, DeliveryPolicy and so on: kept and returned.
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "region", "name"], name="one_topic_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.team.account_id}:{self.name}"


def new_token() -> str:
    return secrets.token_hex(32)


class Subscription(models.Model):
    """Gets nothing but its own confirmation until someone there has followed its address."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="subscriptions")
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    protocol = models.CharField(max_length=8)
    endpoint = models.CharField(max_length=2048)
    attributes = models.JSONField(default=dict, blank=True)
    token = models.CharField(max_length=64, default=new_token)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "protocol", "endpoint"], name="one_subscription"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.endpoint}"

    @property
    def arn(self) -> str:
        return f"{self.topic.arn}:{self.id}"

    @property
    def filter_policy(self) -> str:
        return str(self.attributes.get("FilterPolicy", ""))

    @property
    def raw(self) -> bool:
        return str(self.attributes.get("RawMessageDelivery", "")).lower() == "true"


class Delivery(models.Model):
    """One message to one listener: written with the deed, sent later, kept until it is told."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="deliveries"
    )
    kind = models.CharField(max_length=32)
    message_id = models.UUIDField(default=uuid.uuid4)
    body = models.TextField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    problem = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["status", "due_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}: {self.status}"
