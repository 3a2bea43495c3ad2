"""The recommender's Celery tasks: thin doors to the executor. State is in the database."""

import logging
import uuid

from celery import shared_task

from recommender import wake
from recommender.executor import attempt, crash, sharing
from recommender.executor import sweep as sweeping
from recommender.executor.reconcile import reconcile_job as reconcile
from recommender.models import Job

log = logging.getLogger(__name__)


@shared_task(name="recommender.tasks.reconcile_job")  # type: ignore[untyped-decorator]
def reconcile_job(pk: int, token: str = "") -> None:
    """One step of a job, then a follow-up. A follow-up that a newer one replaced does nothing:
    however many wakes there were, one chain of messages remains."""
    if token and not Job.objects.filter(pk=pk, wake_token=token).exists():
        return
    try:
        again_s = reconcile(pk)
    except Exception:
        log.exception("job %s: a step broke", pk)
        crash.note(pk)
        return  # The sweep comes back to it.
    if again_s is None:
        return
    newest = uuid.uuid4().hex
    if Job.objects.filter(pk=pk).update(wake_token=newest):
        wake.follow_up(pk, newest, again_s)


# Acknowledged early: it runs for longer than Redis waits before it delivers a message again, and
# only the lease decides about a repetition.
@shared_task(name="recommender.tasks.run_load_test", acks_late=False)  # type: ignore[untyped-decorator]
def run_load_test(step_pk: int, attempt_id: str) -> None:
    attempt.run(step_pk, attempt_id)


@shared_task(name="recommender.tasks.drive_share", acks_late=False)  # type: ignore[untyped-decorator]
def drive_share(step_pk: int, attempt_id: str, index: int) -> None:
    sharing.drive_share(attempt_id, index)


@shared_task(name="recommender.tasks.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wakes what a lost message left alone, and removes endpoints that no test owns."""
    for pk in sweeping.unfinished():
        wake.job(pk)
    sweeping.remove_orphans()
