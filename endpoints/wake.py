"""Sends reconcile tasks by name, after commit: services never import tasks."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from endpoints import store

log = logging.getLogger(__name__)


def endpoint(pk: int, *, in_s: float = 0.0) -> None:
    """Asks for a step soon. A broker that is down only makes it late: the sweep asks again."""
    transaction.on_commit(partial(_send, pk, in_s))


def _send(pk: int, in_s: float) -> None:
    # Asked first: Celery's own client would wait for seconds before it gives up.
    if not store.is_up():
        log.warning("Endpoint %s is not woken now: Redis does not answer", pk)
        return
    try:
        current_app.send_task(
            "endpoints.tasks.reconcile_endpoint",
            args=[pk],
            countdown=in_s or None,
            retry=False,
            ignore_result=True,
        )
    except OperationalError as problem:
        log.warning("Endpoint %s is not woken now: %s", pk, problem)
