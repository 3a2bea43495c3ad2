"""The model registry: groups, and the versions registered in them."""

from django.db import models
from django.utils import timezone

from endpoints.models.base import Resource


class ModelPackageGroup(Resource):
    arn_kind = "model-package-group"

    description = models.CharField(max_length=1024, blank=True)
    status = models.CharField(max_length=16, default="Completed")


class ModelPackage(models.Model):
    """One version of a group. `inference_specification` as CreateModelPackage sends it:
    Containers, SupportedContentTypes, SupportedRealtimeInferenceInstanceTypes, and so on."""

    class Approval(models.TextChoices):
        APPROVED = "Approved"
        REJECTED = "Rejected"
        PENDING = "PendingManualApproval"

    group = models.ForeignKey(ModelPackageGroup, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    description = models.CharField(max_length=1024, blank=True)
    status = models.CharField(max_length=16, default="Completed")
    approval_status = models.CharField(
        max_length=24, choices=Approval.choices, default=Approval.PENDING
    )
    approval_description = models.CharField(max_length=1024, blank=True)
    inference_specification = models.JSONField(default=dict)
    domain = models.CharField(max_length=64, blank=True)
    task = models.CharField(max_length=64, blank=True)
    framework = models.CharField(max_length=64, blank=True)
    framework_version = models.CharField(max_length=32, blank=True)
    nearest_model_name = models.CharField(max_length=128, blank=True)
    sample_payload_url = models.CharField(max_length=1024, blank=True)
    #: Every other member of the request, returned as it came.
    other = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    modified_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "version"], name="one_version")]

    def __str__(self) -> str:
        return f"{self.group.name}/{self.version}"

    @property
    def arn(self) -> str:
        group = self.group
        return (
            f"arn:aws:sagemaker:{group.region}:{group.team.account_id}"
            f":model-package/{group.name}/{self.version}"
        )
