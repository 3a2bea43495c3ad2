"""A worker's hold on an evaluation: taken when free, renewed every second, lost to who is later."""

import time
import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from endpoints.evaluation.statuses import EvaluationStatus
from endpoints.models import Evaluation

#: Without a renewal for so long, its worker counts as dead.
LEASE_S: Final = 12.0
_UNFINISHED: Final = [
    EvaluationStatus.PENDING,
    EvaluationStatus.IN_PROGRESS,
    EvaluationStatus.STOPPING,
]


class Fenced(Exception):
    """Another worker has the evaluation, or it is gone: write nothing more."""


def take(pk: int) -> Evaluation | None:
    """The evaluation under a new attempt id; None when it is over, gone, or another's."""
    attempt_id = uuid.uuid4().hex
    if not _free().filter(pk=pk).update(attempt_id=attempt_id, lease_until=_until()):
        return None
    return (
        Evaluation.objects.select_related("endpoint__team")
        .filter(pk=pk, attempt_id=attempt_id)
        .first()
    )


def free_ones() -> list[int]:
    """Unfinished ones that nobody is at: their task was lost, or their worker died."""
    return list(_free().values_list("pk", flat=True))


class Lease:
    """`renew` may be called as often as one likes; it writes once a second."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._renewed = time.monotonic()

    def renew(self) -> None:
        """Raises Fenced when the evaluation is another's now."""
        if time.monotonic() - self._renewed < 1.0:
            return
        self._renewed = time.monotonic()
        if not mine(self._evaluation).update(lease_until=_until()):
            raise Fenced

    def stop_wanted(self) -> bool:
        """Raises Fenced when the evaluation is another's now."""
        status = mine(self._evaluation).values_list("status", flat=True).first()
        if status is None:
            raise Fenced
        return status == EvaluationStatus.STOPPING

    def release(self) -> None:
        mine(self._evaluation).update(lease_until=None)


def mine(evaluation: Evaluation) -> QuerySet[Evaluation]:
    """Its row, as long as this attempt has it."""
    return Evaluation.objects.filter(pk=evaluation.pk, attempt_id=evaluation.attempt_id)


def _free() -> QuerySet[Evaluation]:
    unheld = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    return Evaluation.objects.filter(unheld, status__in=_UNFINISHED)


def _until() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_S)
