"""Celery's door to evaluations, on a queue of their own, and the sweep over all of them."""

from typing import Final

from celery import shared_task

from endpoints import store
from endpoints.evaluation import lease, wake
from endpoints.evaluation import run as running

_ASKED_S: Final = 20


# Acknowledged early: the lease and the sweep decide about a repetition, not Redis.
@shared_task(name=wake.TASK, acks_late=False)  # type: ignore[untyped-decorator]
def run(pk: int) -> None:
    # Only here: every other worker that knows this task's name would load scikit-learn too.
    from endpoints.evaluation.conclude import conclude

    if running.run(pk, conclude):
        wake.evaluation(pk)


@shared_task(name="endpoints.evaluation.tasks.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Evaluations whose task was lost, or whose worker died. One that waits its turn is not asked
    for again and again: the queue would grow."""
    for pk in lease.free_ones():
        if store.client().set(f"evaluation:asked:{pk}", 1, nx=True, ex=_ASKED_S):
            wake.evaluation(pk)
