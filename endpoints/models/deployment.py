"""Deployment: one shift of traffic, between two fleets or between variants, step by step."""

from django.db import models
from django.utils import timezone

from endpoints.models.endpoint import Endpoint
from endpoints.shifting.statuses import ACTIVE, DeploymentStatus, StepStatus


class Deployment(models.Model):
    """Team and region are the endpoint's. shifting/lifecycle.py alone writes the statuses."""

    class Kind(models.TextChoices):
        #: UpdateEndpoint: from the fleet that serves to the one of another configuration.
        FLEETS = "Fleets"
        #: From weights to other weights of the same variants.
        WEIGHTS = "Weights"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deployments")
    #: 1, 2, 3, ... of its endpoint.
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    status = models.CharField(
        max_length=16,
        choices=[(s.value, s.value) for s in DeploymentStatus],
        default=DeploymentStatus.IN_PROGRESS,
    )
    #: As policy.stored and Guards.stored have them.
    policy = models.JSONField()
    guards = models.JSONField(default=dict)
    #: AWS's DeploymentConfig as it was sent; None when none was.
    config = models.JSONField(null=True, blank=True)
    #: Names, for the record: the configurations may be gone.
    from_config = models.CharField(max_length=64)
    to_config = models.CharField(max_length=64)
    green_fleet = models.PositiveIntegerField(null=True, blank=True)
    #: variant -> weight, and for fleets variant -> instances.
    weights_before = models.JSONField(default=dict)
    weights_after = models.JSONField(default=dict)
    counts_before = models.JSONField(default=dict)
    counts_after = models.JSONField(default=dict)
    #: Variants that are removed from the endpoint once all steps have passed.
    remove = models.JSONField(default=list, blank=True)
    #: Why it was rolled back.
    reason = models.TextField(blank=True)
    deadline_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "number"], name="one_deployment_number"),
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=models.Q(status__in=sorted(ACTIVE)),
                name="one_active_deployment",
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.endpoint.name}/{self.number}"

    @property
    def is_over(self) -> bool:
        return self.status not in ACTIVE


class DeploymentStep(models.Model):
    """Written when the deployment is planned; `share` is published while it bakes."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    share = models.FloatField()
    wait_s = models.PositiveIntegerField()
    #: The member of DeploymentConfig that says how long.
    wait = models.CharField(max_length=32)
    status = models.CharField(
        max_length=16,
        choices=[(s.value, s.value) for s in StepStatus],
        default=StepStatus.PENDING,
    )
    activated_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    #: Invocations that its guards could judge by.
    samples = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deployment", "number"], name="one_deployment_step")
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.deployment_id}/{self.number}"
