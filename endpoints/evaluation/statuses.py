"""Statuses of an evaluation, in the words of the recommender's jobs, and their order. Pure."""

from enum import StrEnum
from typing import Final


class EvaluationStatus(StrEnum):
    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    FAILED = "FAILED"


_S = EvaluationStatus
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    _S.PENDING: frozenset({_S.IN_PROGRESS, _S.STOPPED, _S.FAILED}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED, _S.STOPPING, _S.FAILED}),
    _S.STOPPING: frozenset({_S.STOPPED}),
    _S.COMPLETED: frozenset(),
    _S.STOPPED: frozenset(),
    _S.FAILED: frozenset(),
}
OVER: Final = frozenset(status.value for status in _S if not TRANSITIONS[status])
