"""Celery's door to the reconciler: one step of one endpoint, and the sweep over all of them."""

import logging

from celery import shared_task

from endpoints import store, sweep
from endpoints.autoscaling import evaluation
from endpoints.reconcile import reconcile

log = logging.getLogger(__name__)


@shared_task(name="endpoints.tasks.reconcile_endpoint")  # type: ignore[untyped-decorator]
def reconcile_endpoint(pk: int) -> None:
    """One step, and the next one when there is more to do."""
    again_s = reconcile(pk)
    if again_s is None:
        return
    # Several wakes must not become several chains of steps: the first to ask goes on alone.
    mine = store.client().set(f"endpoints:again:{pk}", 1, nx=True, px=int(again_s * 1000))
    if mine:
        reconcile_endpoint.apply_async(args=[pk], countdown=again_s)


@shared_task(name="endpoints.tasks.scale")  # type: ignore[untyped-decorator]
def scale() -> None:
    """Autoscaling policies: each look may change the desired count of variants."""
    evaluation.evaluate_all()


@shared_task(name="endpoints.tasks.sweep")  # type: ignore[untyped-decorator]
def sweep_all() -> None:
    """Finds what nobody was told of. Each part runs though another fails: see sweep.PARTS."""
    for part in sweep.PARTS:
        try:
            part()
        except Exception:
            log.exception("Sweep: %s failed; the next sweep tries again", part.__name__)
