"""Celery's door to the delivery of captured data."""

from typing import Final

from celery import shared_task

from endpoints import store
from endpoints.capture.ship import ship_all

_ALONE: Final = "endpoints:capture"
#: Longer than a round takes; a worker that dies frees it by then.
_ALONE_S: Final = 60


@shared_task(name="endpoints.capture.tasks.ship")  # type: ignore[untyped-decorator]
def ship() -> None:
    """One at a time: two would only write the same files twice."""
    if not store.client().set(_ALONE, 1, nx=True, ex=_ALONE_S):
        return
    try:
        ship_all()
    finally:
        store.client().delete(_ALONE)
