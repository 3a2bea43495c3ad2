"""Statuses of deployments and of their steps, and which may follow which. Pure."""

from enum import StrEnum
from typing import Final


class DeploymentStatus(StrEnum):
    IN_PROGRESS = "InProgress"
    #: Stays at the step it is at; its guards go on watching.
    PAUSED = "Paused"
    ROLLING_BACK = "RollingBack"
    COMPLETED = "Completed"
    ROLLED_BACK = "RolledBack"
    ROLLBACK_FAILED = "RollbackFailed"


class StepStatus(StrEnum):
    PENDING = "Pending"
    BAKING = "Baking"
    COMPLETED = "Completed"
    ROLLED_BACK = "RolledBack"
    SKIPPED = "Skipped"


_D = DeploymentStatus
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    _D.IN_PROGRESS: frozenset({_D.PAUSED, _D.COMPLETED, _D.ROLLING_BACK}),
    _D.PAUSED: frozenset({_D.IN_PROGRESS, _D.ROLLING_BACK}),
    _D.ROLLING_BACK: frozenset({_D.ROLLED_BACK, _D.ROLLBACK_FAILED}),
    _D.COMPLETED: frozenset(),
    _D.ROLLED_BACK: frozenset(),
    _D.ROLLBACK_FAILED: frozenset(),
}
ACTIVE: Final = frozenset({_D.IN_PROGRESS.value, _D.PAUSED.value, _D.ROLLING_BACK.value})

_S = StepStatus
STEP_TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    _S.PENDING: frozenset({_S.BAKING, _S.SKIPPED}),
    _S.BAKING: frozenset({_S.COMPLETED, _S.ROLLED_BACK}),
    _S.COMPLETED: frozenset({_S.ROLLED_BACK}),
    _S.ROLLED_BACK: frozenset(),
    _S.SKIPPED: frozenset(),
}
