"""A job's settings as pairs, from the request in AWS's words."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from endpoints.models import Model
from recommender import queries
from recommender.models import Job
from recommender.request import JobRequest
from recommender.views.jobs import duration_s

Pair = dict[str, Any]


def settings_pairs(job: Job) -> list[Pair]:
    asked = JobRequest(queries.request_of(job))
    return [*_identity(job), *_model(job, asked), *_limits(asked), *_ours(job)]


def traffic_pairs(job: Job) -> dict[str, Any]:
    """What users there are over time; a Default job's own pattern stands in its plan."""
    return dict(queries.plan_of(job).traffic) if "plan" in job.options else {}


def _identity(job: Job) -> list[Pair]:
    # Of a running job it would stand still until the page is loaded again.
    seconds = duration_s(job, timezone.now()) if job.completed_at else None
    return [
        {"label": "Job type", "value": job.type},
        {"label": "Creation time", "value": f"{job.created_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "Duration", "value": "" if seconds is None else _span(seconds)},
        {"label": "Created by", "value": job.created_by.get_username() if job.created_by else ""},
        {"label": "ARN", "value": job.arn, "copy": True},
        {"label": "IAM role", "value": job.role_arn, "copy": True},
    ]


def _model(job: Job, asked: JobRequest) -> list[Pair]:
    payload = asked.container_config.get("PayloadConfig") or {}
    plan = job.options.get("plan") or {}
    model = job.model_package_arn or job.model_name
    return [
        {"label": "Model", "value": model, "url": _model_url(job), "copy": True},
        {
            "label": "Sample payload",
            "value": payload.get("SamplePayloadUrl") or plan.get("payload_url"),
            "hint": plan.get("content_type"),
        },
        {"label": "Existing endpoint", "value": asked.endpoint_name},
    ]


def _model_url(job: Job) -> str:
    """Empty when there is no page of it: of a version, or of a model that was deleted since."""
    # A later model of that name is another.
    own = Model.objects.filter(
        team_id=job.team_id,
        region=job.region,
        name=job.model_name,
        created_at__lte=job.created_at,
        deleted_at=None,
    )
    if job.model_package_arn or not own.exists():
        return ""
    return reverse("endpoints:model", args=[job.model_name])


def _limits(asked: JobRequest) -> list[Pair]:
    threshold = asked.latency_threshold
    return [
        {
            "label": "Maximum invocations",
            "value": f"{asked.max_invocations:,} per minute" if asked.max_invocations else "",
            "hint": "" if asked.max_invocations else "Find the capacity",
        },
        {
            "label": "Latency threshold",
            "value": f"{threshold[0]}: {threshold[1]:,} ms" if threshold else "",
        },
        {"label": "When invocations flatten", "value": asked.flat_invocations},
        {"label": "Maximum test duration", "value": _span(s) if (s := asked.job_seconds) else ""},
        {"label": "Maximum tests", "value": asked.max_tests},
        {"label": "Maximum parallel tests", "value": asked.max_parallel},
    ]


def _ours(job: Job) -> list[Pair]:
    round_trip = job.options.get("round_trip_ms")
    kms = (job.request.get("OutputConfig") or {}).get("KmsKeyId")
    # Decided when the tests are planned.
    scale = f"{job.scale * 100:.3g}% of each size" if job.steps.exists() else ""
    return [
        {"label": "Client round trip", "value": "" if round_trip is None else f"{round_trip:g} ms"},
        {
            "label": "Scale",
            "value": scale,
            "hint": "" if job.scale == 1 else "Throughput and cost are projected",
        },
        {"label": "Encryption key", "value": kms},
        {"label": "Description", "value": job.description},
    ]


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
