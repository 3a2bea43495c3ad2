"""An attempt's hold on its test: taken once, renewed every second, lost to whoever comes later."""

import logging
import time
from datetime import timedelta
from typing import Any, Final

from django.db import OperationalError
from django.utils import timezone

from recommender import lifecycle
from recommender.errors import AttemptFenced
from recommender.models import Job, JobStep
from recommender.statuses import JobStatus, StepPhase

log = logging.getLogger(__name__)

#: Without a renewal for so long, the attempt counts as lost.
LEASE_S: Final = 12
_NOTICED_EVERY_S: Final = 2.0


def take(step_pk: int, attempt_id: str) -> JobStep | None:
    """The test, now running under this attempt; None when it is not this attempt's to run."""
    step = (
        JobStep.objects.select_related("job__team")
        .filter(pk=step_pk, phase=StepPhase.READY, attempt_id=attempt_id)
        .first()
    )
    if step is None or step.job.status != JobStatus.IN_PROGRESS:
        return None
    moved = lifecycle.move(
        step,
        StepPhase.RUNNING,
        message=f"attempt {step.attempt + 1}",
        attempt=step.attempt + 1,
        lease_until=_until(),
        traffic_started_at=None,
        traffic_ended_at=None,
        stop_detail="",
        live={},
    )
    return step if moved else None


class Lease:
    """Renewed by `renew`, at most once a second however often it is called."""

    def __init__(self, step: JobStep) -> None:
        self._step = step
        self._renewed = 0.0
        self._noticed = 0.0

    def renew(self, **columns: Any) -> None:
        """Raises AttemptFenced when another attempt has the test."""
        now = time.monotonic()
        if now - self._renewed < 1.0:
            return
        self._renewed = now
        step = self._step
        mine = JobStep.objects.filter(pk=step.pk, attempt_id=step.attempt_id, phase=step.phase)
        try:
            renewed = mine.update(lease_until=_until(), **columns)
            if now - self._noticed >= _NOTICED_EVERY_S:
                self._noticed = now
                lifecycle.noticed(step.job_id)
        except OperationalError as busy:
            # The lease outlives a few busy seconds of the database.
            log.warning("%s: the lease is not renewed now: %s", step, busy)
            return
        if not renewed:
            raise AttemptFenced(f"{step} belongs to another attempt")

    def expire(self, detail: str) -> None:
        """Gives the test back: the sweep repeats it, or fails it after the last attempt."""
        step = self._step
        JobStep.objects.filter(pk=step.pk, attempt_id=step.attempt_id, phase=step.phase).update(
            lease_until=timezone.now(), stop_detail=detail
        )


def stop_wanted(step: JobStep) -> bool:
    status = Job.objects.filter(pk=step.job_id).values_list("status", flat=True).first()
    return status != JobStatus.IN_PROGRESS


def _until() -> Any:
    return timezone.now() + timedelta(seconds=LEASE_S)
