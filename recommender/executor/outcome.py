"""How a test ends: completed, failed, stopped; and the recommendation it leaves behind."""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommender import catalog, joblog, lifecycle
from recommender.errors import TestFailed
from recommender.models import Job, JobStep, Recommendation
from recommender.request import JobRequest
from recommender.results import figures
from recommender.statuses import JobStatus, StepPhase

#: Phases in which a test has, or may have, an endpoint to remove.
_HAS_ENDPOINT = frozenset(
    {StepPhase.CREATING, StepPhase.READY, StepPhase.RUNNING, StepPhase.READING}
)


def fail(step: JobStep, failed: TestFailed, **columns: Any) -> bool:
    """False when the test moved on meanwhile."""
    joblog.execution(step.job, f"{title(step)} failed: {failed.reason}")
    columns |= {"failure_reason": failed.reason, "failure_detail": failed.detail}
    return end(step, JobStatus.FAILED, **columns)


def stop(step: JobStep, reason: str, detail: str) -> bool:
    joblog.execution(step.job, f"{title(step)} stopped: {detail}")
    return end(step, JobStatus.STOPPED, stop_reason=reason, stop_detail=detail)


def end(step: JobStep, status: JobStatus, **columns: Any) -> bool:
    """The test's last status; its endpoint, if it has one, is removed next."""
    to = StepPhase.REMOVING if step.phase in _HAS_ENDPOINT else StepPhase.DONE
    if step.traffic_started_at and not step.traffic_ended_at:
        # Of a lost attempt: charts reach to the end of the traffic.
        columns.setdefault("traffic_ended_at", timezone.now())
    return lifecycle.move(step, to, status=status.value, lease_until=None, **columns)


def remember(step: JobStep, failed: TestFailed) -> None:
    """What went wrong, on a test whose phase stays."""
    lifecycle.write(step, failure_reason=failed.reason, failure_detail=failed.detail)


def title(step: JobStep) -> str:
    """A test in words: for logs and reasons."""
    environment = ", ".join(f"{key}={value}" for key, value in sorted(step.environment.items()))
    what = step.endpoint_name if step.existing_endpoint else step.instance_type
    return f"Test {step.ordinal} ({what}{', ' + environment if environment else ''})"


def recommend(step: JobStep) -> Recommendation | None:
    """The recommendation of a completed test, in the caller's transaction.

    None for an existing endpoint (its answer is EndpointPerformances) and for an invalid test.
    """
    reading = step.reading or {}
    rate = reading.get("invocations_per_minute")
    if step.existing_endpoint or step.invalid_reason or rate is None:
        return None
    job = step.job
    numbers = figures(
        rate_per_minute=rate,
        scale=job.scale,
        price_usd_per_hour=catalog.price_of(step.instance_type),
        target=JobRequest(job.request).max_invocations,
    )
    with transaction.atomic():
        Recommendation.objects.filter(step=step).delete()
        return Recommendation.objects.create(
            job=job,
            step=step,
            recommendation_id=f"{job.name}/{uuid.uuid4().hex[:8]}",
            instance_type=step.instance_type,
            instance_count=numbers.instance_count,
            environment=step.environment,
            max_invocations=numbers.max_invocations,
            model_latency_us=round(reading["model_latency_us"]),
            cost_per_hour_usd=numbers.cost_per_hour_usd,
            cost_per_inference_usd=numbers.cost_per_inference_usd,
            cpu_utilization_percent=step.measured.get("cpu_utilization_percent"),
            memory_utilization_percent=step.measured.get("memory_utilization_percent"),
            raw_max_invocations=numbers.raw_max_invocations,
            projected=numbers.projected,
        )


def settle_share(step: JobStep, leader: JobStep) -> None:
    """Gives a test the measurement it shares, once that is over: own price and memory apart."""
    if leader.phase != StepPhase.DONE:
        return
    if leader.status == JobStatus.FAILED and _may_differ(step, leader):
        _measure_anew(leader)
        return
    with transaction.atomic():
        moved = lifecycle.move(step, StepPhase.DONE, **_shared(step, leader))
        if moved:
            recommend(step)
    if moved:
        told = f"{title(step)} is {step.status}: it shares the measurement of {title(leader)}."
        joblog.execution(step.job, told)


def _may_differ(step: JobStep, leader: JobStep) -> bool:
    """An endpoint that did not come up may lack memory: a larger type tries for itself."""
    return leader.failure_detail.get("at") == "creating" and catalog.memory_of(
        step.instance_type
    ) > catalog.memory_of(leader.instance_type)


def _measure_anew(leader: JobStep) -> None:
    """The smallest of the larger types that waited measures now: what fits there fits the others,
    which share its measurement instead."""
    with transaction.atomic():
        waiting = JobStep.objects.filter(shares=leader, phase=StepPhase.WAITING)
        larger = [step for step in waiting if _may_differ(step, leader)]
        if not larger:
            return  # Another test of this round has seen to it.
        smallest = min(larger, key=lambda s: (catalog.memory_of(s.instance_type), s.ordinal))
        JobStep.objects.filter(pk__in=[step.pk for step in larger]).update(shares=smallest)
        JobStep.objects.filter(pk=smallest.pk).update(shares=None)
        lifecycle.noticed(leader.job_id)


def _shared(step: JobStep, leader: JobStep) -> dict[str, Any]:
    copied = ("status", "stop_reason", "stop_detail", "reading", "invalid_reason", "live")
    times = ("traffic_started_at", "traffic_ended_at", "failure_detail")
    columns = {name: getattr(leader, name) for name in copied + times}
    columns["measured"] = {**leader.measured, "shares_test": leader.ordinal}
    memory = leader.measured.get("memory_utilization_percent")
    if memory is not None:
        ratio = catalog.memory_of(leader.instance_type) / catalog.memory_of(step.instance_type)
        columns["measured"]["memory_utilization_percent"] = memory * ratio
    if leader.failure_reason:
        columns["failure_reason"] = f"As {title(leader)}: {leader.failure_reason}"
    return columns


def close_all(job: Job, steps: list[JobStep], why: str) -> None:
    """Ends what has not ended, where the job as a whole cannot go on."""
    for step in steps:
        if step.failure_reason and step.phase not in (StepPhase.REMOVING, StepPhase.DONE):
            end(step, JobStatus.FAILED)
        elif step.phase not in (StepPhase.REMOVING, StepPhase.DONE):
            end(step, JobStatus.STOPPED, stop_detail=why)
