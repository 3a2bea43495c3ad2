"""Sends an evaluation's task by name, after commit: services never import tasks."""

import logging
from functools import partial
from typing import Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from endpoints import store

log = logging.getLogger(__name__)

TASK: Final = "endpoints.evaluation.tasks.run"
#: Of its own: an evaluation waits for models, and control steps must not wait for it.
QUEUE: Final = "evaluation"


def evaluation(pk: int) -> None:
    """Asks for work on it. A broker that is down only makes it late: the sweep asks again."""
    transaction.on_commit(partial(_send, pk))


def _send(pk: int) -> None:
    # Asked first: Celery's own client would wait for seconds before it gives up.
    if not store.is_up():
        log.warning("Evaluation %s is not woken now: Redis does not answer", pk)
        return
    try:
        current_app.send_task(TASK, args=[pk], queue=QUEUE, retry=False, ignore_result=True)
    except OperationalError as problem:
        log.warning("Evaluation %s is not woken now: %s", pk, problem)
