"""The only writer of an evaluation's status: compare-and-set, an event row, a wake on commit."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from endpoints.evaluation import wake
from endpoints.evaluation.statuses import OVER, TRANSITIONS, EvaluationStatus
from endpoints.models import Evaluation, EvaluationEvent


@transaction.atomic
def transition(
    evaluation: Evaluation, to: EvaluationStatus, *, message: str = "", **columns: Any
) -> bool:
    """Moves it on from the status and attempt it was read with; False when another was first.

    `columns` are set by the same UPDATE. Raises ValueError for a move TRANSITIONS does not know.
    """
    left = evaluation.status
    if to not in TRANSITIONS[left]:
        raise ValueError(f"an evaluation does not go from {left} to {to}")
    if to in OVER:
        columns.setdefault("completed_at", timezone.now())
    columns["status"] = to.value
    same = Evaluation.objects.filter(
        pk=evaluation.pk, status=left, attempt_id=evaluation.attempt_id
    )
    if not same.update(revision=F("revision") + 1, **columns):
        return False
    _write_event(evaluation, left, to.value, message)
    if to == EvaluationStatus.STOPPING:
        # Its worker sees it by itself; when that one is dead, another must end it.
        wake.evaluation(evaluation.pk)
    for name, value in columns.items():
        setattr(evaluation, name, value)
    return True


def created(evaluation: Evaluation) -> None:
    """The first event of a new row. Call in the transaction that inserts it."""
    _write_event(evaluation, "", evaluation.status, f"Asked for by {evaluation.created_by}")
    wake.evaluation(evaluation.pk)


@transaction.atomic
def tell(evaluation: Evaluation, message: str) -> None:
    """An event between transitions. What was said last is not repeated."""
    last = EvaluationEvent.objects.filter(evaluation=evaluation).order_by("-id").first()
    if last is not None and last.message == message:
        return
    _write_event(evaluation, evaluation.status, evaluation.status, message)
    Evaluation.objects.filter(pk=evaluation.pk).update(revision=F("revision") + 1)


def _write_event(evaluation: Evaluation, came_from: str, to: str, message: str) -> None:
    EvaluationEvent.objects.create(
        evaluation=evaluation, from_status=came_from, to_status=to, message=message
    )
