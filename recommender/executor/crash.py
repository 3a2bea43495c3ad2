"""Bugs in a job's steps: logged each time, and after too many in a row the job fails."""

from typing import Final

from recommender import lifecycle, payloads
from recommender.executor import outcome, rows
from recommender.models import Job, JobEvent
from recommender.statuses import TERMINAL, JobStatus, StepPhase

_MOST: Final = 20
_MESSAGE: Final = "internal error"
REASON: Final = "An internal error kept this job from going on; the console's log has the details."


def note(pk: int) -> None:
    job = Job.objects.select_related("team").filter(pk=pk).first()
    if job is None or job.status in TERMINAL or job.status == JobStatus.DELETING:
        return
    JobEvent.objects.create(job=job, message=_MESSAGE)
    latest = list(job.events.order_by("-id").values_list("message", flat=True)[:_MOST])
    if len(latest) == _MOST and set(latest) == {_MESSAGE}:
        _give_up(job)


def _give_up(job: Job) -> None:
    if not lifecycle.transition(
        job, JobStatus.FAILED, message=REASON, failure_reason=REASON, progress=""
    ):
        return
    outcome.close_all(job, rows.steps_of(job), REASON)
    for step in rows.steps_of(job):
        # Nothing looks at this job again; its endpoints are orphans, which the sweep removes.
        if step.phase == StepPhase.REMOVING:
            lifecycle.move(step, StepPhase.DONE)
    payloads.remove(job)
