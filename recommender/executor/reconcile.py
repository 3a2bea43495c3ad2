"""Moves one job on: reads what is desired and what is there, does the next small thing.

Runs from a wake, a follow-up or the sweep, any number of times; one at a time for each job.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from recommender import joblog, lifecycle, payloads, queries
from recommender.errors import TestFailed
from recommender.executor import begin, outcome, rows, temporary
from recommender.executor.advance import ACTIVE, Round, advance, cores_of
from recommender.models import Job, JobStep
from recommender.statuses import TERMINAL, JobStatus, StepPhase

log = logging.getLogger(__name__)

SOON_S: Final = 0.5
#: While traffic runs its worker watches; it wakes the job when it ends, the sweep when it cannot.
LATER_S: Final = 3.0
_CHANGING: Final = frozenset({StepPhase.CREATING, StepPhase.READY, StepPhase.REMOVING})


def reconcile_job(pk: int) -> float | None:
    """Again in so many seconds; None when nothing is left to do, or another is at it."""
    before = _find(pk)
    if before is None:
        return None
    with _alone(before) as alone:
        # Read again: whoever was at it until now may have moved it on, or deleted it.
        job = _find(pk) if alone else None
        return None if job is None else _step(job)


def _find(pk: int) -> Job | None:
    return Job.objects.select_related("team").filter(pk=pk).first()


def _step(job: Job) -> float | None:
    status = JobStatus(job.status)
    if status == JobStatus.PENDING:
        begin.start(job)
        return 0.0
    if status == JobStatus.DELETING:
        return _delete(job)
    if status in TERMINAL:
        return None
    return _progress(job)


def _progress(job: Job) -> float | None:
    steps = rows.steps_of(job)
    try:
        if not begin.refused(job):
            steps = _advance(job)
    except TestFailed as failed:
        steps = rows.steps_of(job)
        begin.refuse(job, steps, failed)
    if begin.refused(job):
        outcome.close_all(job, rows.steps_of(job), "the job failed before this test")
        steps = _remove_all(job)
    if all(step.phase == StepPhase.DONE for step in steps):
        _finish(job, steps)
        return None
    return SOON_S if any(step.phase in _CHANGING for step in steps) else LATER_S


def _advance(job: Job) -> list[JobStep]:
    stopping = job.status == JobStatus.STOPPING
    if stopping:
        steps = rows.steps_of(job)
    else:
        steps = rows.ensure(job)
        begin.fetch_payloads(job)
    now = _round(job, steps, stopping=stopping)
    for step in steps:
        advance(step, now)
    steps = rows.steps_of(job)
    _tell(job, steps, now)
    return steps


def _round(job: Job, steps: list[JobStep], *, stopping: bool) -> Round:
    plan = queries.plan_of(job)
    deadline = (job.started_at or timezone.now()) + timedelta(seconds=plan.job_seconds)
    return Round(
        job=job,
        plan=plan,
        stopping=stopping,
        out_of_time=timezone.now() > deadline,
        first=None if stopping or begin.passed(job) or not steps else begin.first_test(steps),
        active=sum(step.phase in ACTIVE for step in steps),
        promised=sum(cores_of(step) for step in steps if step.phase == StepPhase.CREATING),
    )


def _tell(job: Job, steps: list[JobStep], now: Round) -> None:
    done = sum(step.phase == StepPhase.DONE for step in steps)
    text = f"{done} of {len(steps)} tests finished"
    if now.stopping:
        text = f"Stopping; {text}"
    elif now.first is not None and now.active:
        text = "Pre-flight check: starting the first endpoint"
    elif now.waits_for_cores:
        text += "; the next one waits for cores"
    if now.endpoint_says:
        text += f"; {now.endpoint_says}"
    lifecycle.say(job, text)


def _remove_all(job: Job) -> list[JobStep]:
    """Winds down the endpoints of a job that fails."""
    now = _round(job, rows.steps_of(job), stopping=True)
    for step in rows.steps_of(job):
        if step.phase == StepPhase.REMOVING:
            advance(step, now)
    return rows.steps_of(job)


def _finish(job: Job, steps: list[JobStep]) -> None:
    completed = sum(step.status == JobStatus.COMPLETED for step in steps)
    summary = f"{completed} of {len(steps)} tests completed"
    payloads.remove(job)
    if begin.refused(job):
        _end(job, JobStatus.FAILED, str(job.preflight["reason"]), progress="")
    elif job.status == JobStatus.STOPPING:
        _end(job, JobStatus.STOPPED, "", progress=f"Stopped; {summary}")
    elif completed:
        _end(job, JobStatus.COMPLETED, "", progress=summary)
    else:
        _end(job, JobStatus.FAILED, _why_none(steps), progress=summary)


def _why_none(steps: list[JobStep]) -> str:
    """The reason of a job none of whose tests gave a result: the first test's."""
    failed = next((step for step in steps if step.failure_reason), None)
    if failed is not None:
        return f"No test gave a result. {outcome.title(failed)}: {failed.failure_reason}"
    return "No test could be scheduled within the job's duration."


def _end(job: Job, status: JobStatus, reason: str, *, progress: str) -> None:
    if lifecycle.transition(
        job, status, message=reason or progress, failure_reason=reason, progress=progress
    ):
        joblog.execution(job, f"Job {job.name} is {status.value}. {reason or progress}".strip())


def _delete(job: Job) -> float | None:
    gone = [
        temporary.remove(job, step.endpoint_name)
        for step in rows.steps_of(job)
        if step.endpoint_name and not step.existing_endpoint
    ]
    if not all(gone):
        return LATER_S
    payloads.remove(job)
    lock = _lock(job)
    with transaction.atomic():
        # While it went it could still be tagged.
        tags.forget(Actor.system(job.team, job.region), job.arn)
        job.delete()
    lock.unlink(missing_ok=True)
    return None


def _lock(job: Job) -> Path:
    return payloads.folder(job).with_suffix(".lock")


@contextmanager
def _alone(job: Job) -> Iterator[bool]:
    """True for one process at a time; the lock goes with its process, however that ends."""
    path = _lock(job)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
