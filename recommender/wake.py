"""Sends the recommender's tasks by name, after commit: services never import tasks."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from endpoints import store

log = logging.getLogger(__name__)


def job(pk: int, *, in_s: float = 0.0) -> None:
    """Asks for a step of the job soon. A broker that is down only makes it late: the sweep asks."""
    transaction.on_commit(partial(_send, "recommender.tasks.reconcile_job", [pk], in_s))


def follow_up(pk: int, token: str, in_s: float) -> None:
    """The job's next step by itself; only the newest token counts."""
    _send("recommender.tasks.reconcile_job", [pk, token], in_s)


def load_test(step_pk: int, attempt_id: str) -> None:
    """Queues the traffic of one attempt; asked twice, only the first that starts does anything."""
    args = [step_pk, attempt_id]
    transaction.on_commit(partial(_send, "recommender.tasks.run_load_test", args))


def share(step_pk: int, attempt_id: str, index: int) -> None:
    """Queues a helper that drives some of the attempt's users."""
    _send("recommender.tasks.drive_share", [step_pk, attempt_id, index])


def _send(name: str, args: Sequence[Any], in_s: float = 0.0) -> None:
    # Asked first: Celery's own client would wait for seconds, and an attempt's lease with it.
    if not store.is_up():
        log.warning("%s%s is not sent now: Redis does not answer", name, tuple(args))
        return
    try:
        current_app.send_task(
            name,
            args=list(args),
            countdown=in_s or None,
            retry=False,
            ignore_result=True,
        )
    except OperationalError as problem:
        log.warning("%s%s is not sent now: %s", name, tuple(args), problem)
