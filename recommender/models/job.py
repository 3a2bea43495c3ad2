"""Jobs, their tests and what came out. Statuses are AWS's; lifecycle.py alone writes them."""

from django.db import models
from django.utils import timezone

from consoleapp.accounts.models import Team, User
from recommender.statuses import PHASE_LABELS, JobStatus, StepPhase

_STATUSES = [(s.value, s.value) for s in JobStatus]


class Job(models.Model):
    """One CreateInferenceRecommendationsJob. `request` is the whole request in AWS's shape."""

    class Type(models.TextChoices):
        DEFAULT = "Default"
        ADVANCED = "Advanced"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    type = models.CharField(max_length=8, choices=Type.choices)
    description = models.CharField(max_length=128, blank=True)
    role_arn = models.CharField(max_length=2048)
    #: InputConfig, StoppingConditions and OutputConfig as validated, in AWS's member names.
    request = models.JSONField()
    #: What AWS's request has no word for: round trip, generator, how the user came here.
    options = models.JSONField(default=dict, blank=True)
    model_name = models.CharField(max_length=64, blank=True)
    model_package_arn = models.CharField(max_length=2048, blank=True)
    status = models.CharField(max_length=16, choices=_STATUSES, default=JobStatus.PENDING)
    failure_reason = models.TextField(blank=True)
    #: Text for people while it runs: "checking the payload archive", "3 of 5 tests finished".
    progress = models.CharField(max_length=255, blank=True)
    #: The check before any test: {"passed": true} or what went wrong, with its detail.
    preflight = models.JSONField(default=dict, blank=True)
    #: Names the one follow-up message of this job that still counts; older ones do nothing.
    wake_token = models.CharField(max_length=32, blank=True)
    #: Share of each instance type's vCPUs granted here; one for the whole job (design section 7).
    scale = models.FloatField(default=1.0)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    modified_at = models.DateTimeField(default=timezone.now)
    #: Raised with every change that a page must notice.
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "region", "name"], name="one_job_name")
        ]
        indexes = [models.Index(fields=["team", "region", "-created_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return (
            f"arn:aws:sagemaker:{self.region}:{self.team.account_id}"
            f":inference-recommendations-job/{self.name}"
        )


class JobStep(models.Model):
    """One BENCHMARK: one endpoint configuration with one environment, load-tested once."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="steps")
    ordinal = models.PositiveIntegerField()
    status = models.CharField(max_length=16, choices=_STATUSES, default=JobStatus.PENDING)
    phase = models.CharField(
        max_length=16, choices=sorted(PHASE_LABELS.items()), default=StepPhase.WAITING
    )
    instance_type = models.CharField(max_length=32, blank=True)
    inference_specification_name = models.CharField(max_length=64, blank=True)
    environment = models.JSONField(default=dict, blank=True)
    endpoint_name = models.CharField(max_length=64, blank=True)
    #: True where the job brought its own endpoint (InputConfig.Endpoints): never removed.
    existing_endpoint = models.BooleanField(default=False)
    #: The step whose measurement this one shares (equal grants); it runs no load of its own.
    shares = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    #: Fences writes: only the attempt that holds this id may write results.
    attempt_id = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    traffic_started_at = models.DateTimeField(null=True, blank=True)
    traffic_ended_at = models.DateTimeField(null=True, blank=True)
    #: Live, for pages: {"elapsed_s", "planned_s", "users", "invocations_per_minute", "latency_us"}.
    live = models.JSONField(default=dict, blank=True)
    stop_reason = models.CharField(max_length=64, blank=True)
    stop_detail = models.TextField(blank=True)
    #: What was read and how: see recommender.loadtest.reading.Reading.
    reading = models.JSONField(null=True, blank=True)
    #: How it was measured: CPU model, cores, cpu granted, scale, generator's CPU, foreign CPU.
    measured = models.JSONField(default=dict, blank=True)
    invalid_reason = models.TextField(blank=True)
    failure_reason = models.TextField(blank=True)
    #: {"payload", "status", "answer", "log_lines"} of the failure, for the page.
    failure_detail = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    modified_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "ordinal"], name="one_step_ordinal")]
        ordering = ["ordinal"]

    def __str__(self) -> str:
        return f"{self.job.name} test {self.ordinal}"

    @property
    def source(self) -> "JobStep":
        """The step whose traffic this one's numbers come from: the one it shares, or itself."""
        return self.shares or self


class Recommendation(models.Model):
    """One row of the answer. Units in the names; None means unknown, never zero."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="recommendations")
    step = models.OneToOneField(JobStep, on_delete=models.CASCADE, related_name="recommendation")
    #: AWS's RecommendationId: <job name>/<8 characters>.
    recommendation_id = models.CharField(max_length=96)
    instance_type = models.CharField(max_length=32)
    instance_count = models.PositiveIntegerField()
    environment = models.JSONField(default=dict, blank=True)
    max_invocations = models.PositiveIntegerField()
    model_latency_us = models.PositiveBigIntegerField()
    cost_per_hour_usd = models.FloatField(null=True, blank=True)
    cost_per_inference_usd = models.FloatField(null=True, blank=True)
    cpu_utilization_percent = models.FloatField(null=True, blank=True)
    memory_utilization_percent = models.FloatField(null=True, blank=True)
    #: Per instance and unscaled, exactly as measured: shown beside projected figures.
    raw_max_invocations = models.FloatField()
    projected = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.recommendation_id


class JobEvent(models.Model):
    """Written with each transition of a job or of one of its tests."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    step = models.ForeignKey(JobStep, on_delete=models.CASCADE, null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    from_status = models.CharField(max_length=24, blank=True)
    to_status = models.CharField(max_length=24, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status} {self.message}"
