"""Moves one test a small step on. Level-triggered: run twice, the second changes nothing."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone

from endpoints import capacity
from endpoints.models import Endpoint
from endpoints.statuses import EndpointStatus
from recommender import catalog, joblog, lifecycle, wake
from recommender.errors import MAX_ATTEMPTS, TestFailed
from recommender.executor import begin, outcome, temporary
from recommender.loadtest.stop import StopReason
from recommender.models import Job, JobStep
from recommender.plan import Plan
from recommender.statuses import JobStatus, StepPhase

#: How long a queued attempt may wait for a worker before its message is sent again.
QUEUED_S: Final = 15
#: Phases in which a test holds cores.
ACTIVE: Final = frozenset(StepPhase) - {StepPhase.WAITING, StepPhase.DONE}


@dataclass(slots=True)
class Round:
    """What one reconcile of the job knows; the counts and `waits_for_cores` change as it goes."""

    job: Job
    plan: Plan
    stopping: bool
    out_of_time: bool
    #: The test that the pre-flight check uses; None once it has passed.
    first: JobStep | None
    active: int
    #: Cores of tests whose endpoints are on their way: free perhaps, but not for others.
    promised: int
    waits_for_cores: bool = False
    #: What the newest endpoint on its way said last.
    endpoint_says: str = ""


def advance(step: JobStep, now: Round) -> None:
    """Raises TestFailed when what fails is the whole job, not this test."""
    try:
        _PHASES[StepPhase(step.phase)](step, now)
    except TestFailed as failed:
        # With an environment of its own, a test may fail for that environment's sake.
        if now.first is not None and not step.environment:
            raise
        outcome.fail(step, failed)


def _waiting(step: JobStep, now: Round) -> None:
    if now.stopping:
        outcome.stop(step, StopReason.USER_STOP, "stopped by the user before it began")
    elif step.shares is not None:
        outcome.settle_share(step, step.shares)
    elif now.out_of_time:
        outcome.stop(
            step,
            StopReason.DURATION,
            f"not scheduled: the job's duration of {now.plan.job_seconds} s had passed",
        )
    elif now.active < now.plan.max_parallel and (now.first is None or now.first.pk == step.pk):
        _schedule(step, now)


def _schedule(step: JobStep, now: Round) -> None:
    if step.existing_endpoint:
        moved = lifecycle.move(step, StepPhase.READY, status=JobStatus.IN_PROGRESS.value)
    elif not capacity.available(now.promised + cores_of(step)):
        now.waits_for_cores = True
        return
    else:
        moved = lifecycle.move(
            step,
            StepPhase.CREATING,
            status=JobStatus.IN_PROGRESS.value,
            endpoint_name=temporary.name_for(now.job, step.ordinal),
        )
    if moved:
        now.active += 1
        now.promised += 0 if step.existing_endpoint else cores_of(step)
        joblog.execution(
            now.job, f"{outcome.title(step)} scheduled on endpoint {step.endpoint_name}."
        )
        advance(step, now)


def cores_of(step: JobStep) -> int:
    return capacity.cores_needed(catalog.vcpus_of(step.instance_type) * step.job.scale)


def _creating(step: JobStep, now: Round) -> None:
    if now.stopping:
        outcome.stop(step, StopReason.USER_STOP, "stopped by the user while it was created")
        return
    endpoint = temporary.ensure(step)
    if endpoint.status == EndpointStatus.IN_SERVICE:
        lifecycle.move(step, StepPhase.READY)
        joblog.test(now.job, step.endpoint_name, "The endpoint is in service.")
    else:
        _refuse_dead(step, endpoint, at="creating")
        # Between its transitions, which say no more than the test's phase does.
        told = endpoint.events.filter(from_status=F("to_status")).order_by("-id")
        newest = told.values_list("message", flat=True).first()
        now.endpoint_says = newest or ""


def _ready(step: JobStep, now: Round) -> None:
    if now.stopping:
        outcome.stop(step, StopReason.USER_STOP, "stopped by the user before its traffic began")
        return
    endpoint = temporary.find(now.job, step.endpoint_name)
    _refuse_dead(step, endpoint, at="ready")
    if endpoint is None or endpoint.status != EndpointStatus.IN_SERVICE:
        return
    if now.first is not None:
        begin.check_payload(step)
        now.first = None
    _queue(step)


def _queue(step: JobStep) -> None:
    """Asks a load-test worker; asks again, for the same attempt, when nobody took it up."""
    now = timezone.now()
    if step.attempt_id and step.lease_until is not None and step.lease_until > now:
        return
    attempt_id = step.attempt_id or uuid.uuid4().hex
    if lifecycle.write(step, attempt_id=attempt_id, lease_until=now + timedelta(seconds=QUEUED_S)):
        wake.load_test(step.pk, attempt_id)


def _refuse_dead(step: JobStep, endpoint: Endpoint | None, *, at: str) -> None:
    """Raises TestFailed for an endpoint that is gone, or that did not come up."""
    if endpoint is None:
        raise TestFailed(f"The endpoint {step.endpoint_name} is gone.", {"at": at})
    if endpoint.status in (EndpointStatus.FAILED, EndpointStatus.DELETING):
        reason = endpoint.failure_reason or f"it is {endpoint.status}"
        raise TestFailed(
            f"The endpoint {step.endpoint_name} did not stay in service: {reason}",
            {"at": at, "log_lines": joblog.container_tail(step.job, step.endpoint_name)},
        )


def _running(step: JobStep, now: Round) -> None:
    """Its worker renews the lease every second; without it, the attempt is lost."""
    if step.lease_until is not None and step.lease_until > timezone.now():
        return
    if now.stopping:
        outcome.stop(step, StopReason.USER_STOP, "stopped by the user")
    elif step.attempt >= MAX_ATTEMPTS:
        detail = step.stop_detail or "its worker ended without a word"
        raise TestFailed(f"The load test was lost {step.attempt} times; last: {detail}.")
    else:
        lost = f"{outcome.title(step)}: attempt {step.attempt} was lost and is repeated."
        joblog.execution(now.job, lost)
        lifecycle.move(
            step, StepPhase.READY, message=lost, attempt_id="", lease_until=None, live={}
        )


def _removing(step: JobStep, now: Round) -> None:
    if not step.existing_endpoint and not temporary.remove(now.job, step.endpoint_name):
        return
    if lifecycle.move(step, StepPhase.DONE):
        kept = "stays as it was" if step.existing_endpoint else "and its configuration are removed"
        joblog.test(now.job, step.endpoint_name, f"Clean-up: the endpoint {kept}.")
        joblog.execution(now.job, f"{outcome.title(step)} is {step.status}; cleaned up.")


def _done(step: JobStep, now: Round) -> None:
    """Nothing is left to do."""


_PHASES: Final[dict[StepPhase, Callable[[JobStep, Round], None]]] = {
    StepPhase.WAITING: _waiting,
    StepPhase.CREATING: _creating,
    StepPhase.READY: _ready,
    StepPhase.RUNNING: _running,
    StepPhase.READING: _running,
    StepPhase.REMOVING: _removing,
    StepPhase.DONE: _done,
}
