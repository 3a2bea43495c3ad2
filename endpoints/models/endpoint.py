"""Endpoint: what is wanted and what runs. Statuses are AWS's; lifecycle.py alone writes them."""

from django.db import models
from django.utils import timezone

from endpoints.models.base import Resource
from endpoints.models.config import EndpointConfig
from endpoints.models.model import Model
from endpoints.statuses import EndpointStatus, InstanceStatus


class Endpoint(Resource):
    """`config` is what is desired; variants and instances are what is observed."""

    arn_kind = "endpoint"

    class Purpose(models.TextChoices):
        SERVING = "serving"
        #: A recommender test's own: takes its cores exclusively, and is removed after the test.
        BENCHMARK = "benchmark"

    config = models.ForeignKey(EndpointConfig, on_delete=models.PROTECT, related_name="endpoints")
    #: What an update in progress leads to; `config` until then.
    pending_config = models.ForeignKey(
        EndpointConfig, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(
        max_length=24,
        choices=[(s.value, s.value) for s in EndpointStatus],
        default=EndpointStatus.CREATING,
    )
    failure_reason = models.TextField(blank=True)
    host = models.CharField(max_length=16, default="process")
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.SERVING)
    #: Share of each instance type's vCPUs that this machine grants (1 = all); see design section 7.
    scale = models.FloatField(default=1.0)
    #: The fleet that gets the traffic; an update brings up the next one beside it.
    fleet = models.PositiveIntegerField(default=0)
    #: The part of the traffic that the next fleet gets while both serve; see shift.portions.
    pending_share = models.FloatField(default=0.0)
    #: Raised with every change that a gateway or a page must notice.
    revision = models.PositiveIntegerField(default=0)
    modified_at = models.DateTimeField(default=timezone.now)

    class Meta(Resource.Meta):
        indexes = [models.Index(fields=["status"])]


class Variant(models.Model):
    """A production variant as the endpoint runs it."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="variants")
    fleet = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=63)
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="+")
    instance_type = models.CharField(max_length=32, blank=True)
    environment = models.JSONField(default=dict, blank=True)
    desired_count = models.PositiveIntegerField(default=1)
    current_count = models.PositiveIntegerField(default=0)
    desired_weight = models.FloatField(default=1.0)
    current_weight = models.FloatField(default=0.0)
    shadow = models.BooleanField(default=False)
    health_check_timeout_s = models.PositiveIntegerField(default=240)
    download_timeout_s = models.PositiveIntegerField(default=600)
    max_in_flight = models.PositiveIntegerField(default=256)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "fleet", "name"], name="one_running_variant_name"
            )
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.endpoint.name}/{self.name}"


class Instance(models.Model):
    """One model server. The row with its deterministic name is written before it is launched."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="instances")
    #: Unique on the machine: account, region, endpoint, variant and ordinal in one readable word.
    name = models.CharField(max_length=255, unique=True)
    ordinal = models.PositiveIntegerField(default=0)
    status = models.CharField(
        max_length=16,
        choices=[(s.value, s.value) for s in InstanceStatus],
        default=InstanceStatus.PENDING,
    )
    address = models.CharField(max_length=64, blank=True)
    #: What the runner needs to find it again: pid and start time, or a container id.
    handle = models.JSONField(default=dict, blank=True)
    #: The cores it was given, and the share of them (1 = whole cores).
    cores = models.JSONField(default=list, blank=True)
    cpu_granted = models.FloatField(default=0.0)
    memory_mib = models.PositiveIntegerField(default=0)
    restarts = models.PositiveIntegerField(default=0)
    #: In a row, since it served last.
    failed_starts = models.PositiveIntegerField(default=0)
    failure_reason = models.TextField(blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    #: When it left the routes: it is stopped once the gateways have noticed.
    leaving_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "ordinal"], name="one_instance_ordinal")
        ]
        ordering = ["ordinal"]

    def __str__(self) -> str:
        return self.name


class EndpointEvent(models.Model):
    """Written with each transition, and when something worth telling happens between them."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="events")
    #: The shift it is about, where it is about one.
    deployment = models.ForeignKey(
        "endpoints.Deployment",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
    )
    at = models.DateTimeField(default=timezone.now)
    from_status = models.CharField(max_length=24, blank=True)
    to_status = models.CharField(max_length=24, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status} {self.message}"
