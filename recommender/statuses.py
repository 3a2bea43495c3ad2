"""Statuses of jobs and tests in AWS's words, and which may follow which. Pure."""

from enum import StrEnum
from typing import Final


class JobStatus(StrEnum):
    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    DELETING = "DELETING"


class StepPhase(StrEnum):
    """Where a test stands. Finer than AWS's status; PHASE_LABELS says it in words."""

    WAITING = "waiting"
    CREATING = "creating"
    READY = "ready"
    RUNNING = "running"
    READING = "reading"
    REMOVING = "removing"
    DONE = "done"


PHASE_LABELS: Final[dict[str, str]] = {
    StepPhase.WAITING: "Waiting for cores",
    StepPhase.CREATING: "Creating its endpoint",
    StepPhase.READY: "Endpoint in service, load test queued",
    StepPhase.RUNNING: "Load test running",
    StepPhase.READING: "Reading the results",
    StepPhase.REMOVING: "Removing its endpoint",
    StepPhase.DONE: "Finished",
}


TERMINAL: Final = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.STOPPED})

_S = JobStatus
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    _S.PENDING: frozenset({_S.IN_PROGRESS, _S.FAILED, _S.STOPPING, _S.STOPPED}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED, _S.FAILED, _S.STOPPING}),
    _S.STOPPING: frozenset({_S.STOPPED, _S.FAILED}),
    _S.COMPLETED: frozenset({_S.DELETING}),
    _S.FAILED: frozenset({_S.DELETING}),
    _S.STOPPED: frozenset({_S.DELETING}),
    _S.DELETING: frozenset(),
}
