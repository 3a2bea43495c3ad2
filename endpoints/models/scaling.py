"""Application Auto Scaling's rows: what may scale, by which policies, and what it did."""

from django.db import models
from django.utils import timezone

from endpoints.models.endpoint import Endpoint


class ScalableTarget(models.Model):
    """One variant of an endpoint; goes with the endpoint."""

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="scalable_targets"
    )
    variant_name = models.CharField(max_length=63)
    min_capacity = models.PositiveIntegerField()
    max_capacity = models.PositiveIntegerField()
    role_arn = models.CharField(max_length=2048, blank=True)
    suspended = models.JSONField(default=dict, blank=True)
    scaled_out_at = models.DateTimeField(null=True, blank=True)
    scaled_in_at = models.DateTimeField(null=True, blank=True)
    #: How many instances the last step out was reckoned from.
    scaled_from = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "variant_name"], name="one_scalable_target")
        ]

    def __str__(self) -> str:
        return self.resource_id

    @property
    def resource_id(self) -> str:
        return f"endpoint/{self.endpoint.name}/variant/{self.variant_name}"

    @property
    def arn(self) -> str:
        row = self.endpoint
        account = f"arn:aws:application-autoscaling:{row.region}:{row.team.account_id}"
        return f"{account}:scalable-target/{self.pk:016x}"

    def arn_of(self, kind: str, pk: int, name: str) -> str:
        """Of a policy or a scheduled action of this target."""
        row = self.endpoint
        account = f"arn:aws:autoscaling:{row.region}:{row.team.account_id}"
        return f"{account}:{kind}:{pk}:resource/sagemaker/{self.resource_id}:{name}"


class ScalingPolicy(models.Model):
    class Kind(models.TextChoices):
        TRACKING = "TargetTrackingScaling", "Target tracking"
        STEPS = "StepScaling", "Step scaling"

    target = models.ForeignKey(ScalableTarget, on_delete=models.CASCADE, related_name="policies")
    name = models.CharField(max_length=256)
    kind = models.CharField(max_length=32, choices=Kind.choices, default=Kind.TRACKING)
    #: TargetTrackingScalingPolicyConfiguration or StepScalingPolicyConfiguration as sent.
    configuration = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "scaling policies"
        constraints = [
            models.UniqueConstraint(fields=["target", "name"], name="one_scaling_policy")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return self.target.arn_of("scalingPolicy", self.pk, f"policyName/{self.name}")


class ScheduledAction(models.Model):
    """Changes a target's bounds at its times; goes with the target."""

    target = models.ForeignKey(
        ScalableTarget, on_delete=models.CASCADE, related_name="scheduled_actions"
    )
    name = models.CharField(max_length=256)
    schedule = models.CharField(max_length=1600)
    zone = models.CharField(max_length=64, default="UTC")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    #: None leaves that bound as it is.
    min_capacity = models.PositiveIntegerField(null=True, blank=True)
    max_capacity = models.PositiveIntegerField(null=True, blank=True)
    #: What was due until then has been carried out.
    looked_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "name"], name="one_scheduled_action")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return self.target.arn_of("scheduledAction", self.pk, f"scheduledActionName/{self.name}")


class ScalingActivity(models.Model):
    """Written with each change of a count, and when one could not be made."""

    class Status(models.TextChoices):
        SUCCESSFUL = "Successful"
        FAILED = "Failed"

    target = models.ForeignKey(ScalableTarget, on_delete=models.CASCADE, related_name="activities")
    at = models.DateTimeField(default=timezone.now)
    description = models.CharField(max_length=255)
    cause = models.TextField()
    status = models.CharField(max_length=16, choices=Status.choices)
    message = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "scaling activities"

    def __str__(self) -> str:
        return self.description
