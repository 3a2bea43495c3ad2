"""The only writer of the statuses of jobs and tests: compare-and-set, event, wake.

Each move names the status it leaves; when another process left it first, nothing is written.
"""

from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from recommender import wake
from recommender.models import Job, JobEvent, JobStep
from recommender.statuses import TERMINAL, TRANSITIONS, JobStatus, StepPhase

_P = StepPhase
#: Which phase of a test may follow which. READY follows a lost attempt: the next one is queued.
PHASES: Final[dict[str, frozenset[str]]] = {
    _P.WAITING: frozenset({_P.CREATING, _P.READY, _P.DONE}),
    _P.CREATING: frozenset({_P.READY, _P.REMOVING}),
    _P.READY: frozenset({_P.RUNNING, _P.CREATING, _P.REMOVING}),
    _P.RUNNING: frozenset({_P.READING, _P.READY, _P.REMOVING}),
    _P.READING: frozenset({_P.READY, _P.REMOVING}),
    _P.REMOVING: frozenset({_P.DONE}),
    _P.DONE: frozenset(),
}


@transaction.atomic
def transition(job: Job, to: JobStatus, *, message: str = "", **columns: Any) -> bool:
    """Moves the job on and tells so; False when it left `job.status` meanwhile.

    Raises ValueError for a move that TRANSITIONS does not know.
    """
    left = job.status
    if to not in TRANSITIONS[left]:
        raise ValueError(f"a job does not go from {left} to {to}")
    now = timezone.now()
    if to in TERMINAL:
        columns.setdefault("completed_at", now)
    columns |= {"status": to.value, "modified_at": now}
    moved = Job.objects.filter(pk=job.pk, status=left).update(revision=F("revision") + 1, **columns)
    if not moved:
        return False
    JobEvent.objects.create(job=job, from_status=left, to_status=to.value, message=message)
    for name, value in columns.items():
        setattr(job, name, value)
    wake.job(job.pk)
    return True


@transaction.atomic
def move(step: JobStep, to: StepPhase, *, message: str = "", **columns: Any) -> bool:
    """Moves the test to a phase; False when it left `step.phase` or its attempt meanwhile.

    Raises ValueError for a move that PHASES does not know.
    """
    left = step.phase
    if to not in PHASES[left]:
        raise ValueError(f"a test does not go from {left} to {to}")
    columns |= {"phase": to.value, "modified_at": timezone.now()}
    same = JobStep.objects.filter(pk=step.pk, phase=left, attempt_id=step.attempt_id)
    if not same.update(**columns):
        return False
    JobEvent.objects.create(
        job_id=step.job_id, step=step, from_status=left, to_status=to.value, message=message
    )
    for name, value in columns.items():
        setattr(step, name, value)
    noticed(step.job_id)
    wake.job(step.job_id)
    return True


def write(step: JobStep, **columns: Any) -> bool:
    """Columns of a test whose phase stays; False when the test moved on, or to another attempt."""
    same = JobStep.objects.filter(pk=step.pk, attempt_id=step.attempt_id, phase=step.phase)
    if not same.update(modified_at=timezone.now(), **columns):
        return False
    noticed(step.job_id)
    return True


def noticed(job_pk: int) -> None:
    """Raises the revision that pages compare."""
    Job.objects.filter(pk=job_pk).update(revision=F("revision") + 1, modified_at=timezone.now())


def say(job: Job, progress: str) -> None:
    """Tells people what happens now, when that has changed."""
    progress = progress[:255]
    if job.progress == progress:
        return
    job.progress = progress
    Job.objects.filter(pk=job.pk).update(
        progress=job.progress, revision=F("revision") + 1, modified_at=timezone.now()
    )
