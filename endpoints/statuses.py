"""Statuses in AWS's words, and which may follow which. Pure."""

from enum import StrEnum
from typing import Final


class EndpointStatus(StrEnum):
    OUT_OF_SERVICE = "OutOfService"
    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"


class InstanceStatus(StrEnum):
    PENDING = "Pending"  # row written, nothing launched yet
    STARTING = "Starting"  # launched, /ping not yet answered
    IN_SERVICE = "InService"
    STOPPING = "Stopping"  # out of the routes, draining
    STOPPED = "Stopped"
    FAILED = "Failed"


_S = EndpointStatus
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    _S.CREATING: frozenset({_S.IN_SERVICE, _S.FAILED, _S.DELETING}),
    _S.IN_SERVICE: frozenset({_S.UPDATING, _S.SYSTEM_UPDATING, _S.DELETING, _S.OUT_OF_SERVICE}),
    _S.UPDATING: frozenset({_S.IN_SERVICE, _S.ROLLING_BACK, _S.FAILED, _S.DELETING}),
    _S.SYSTEM_UPDATING: frozenset({_S.IN_SERVICE, _S.ROLLING_BACK, _S.FAILED, _S.DELETING}),
    _S.ROLLING_BACK: frozenset({_S.IN_SERVICE, _S.UPDATE_ROLLBACK_FAILED, _S.DELETING}),
    _S.OUT_OF_SERVICE: frozenset({_S.IN_SERVICE, _S.DELETING}),
    _S.FAILED: frozenset({_S.DELETING}),
    _S.UPDATE_ROLLBACK_FAILED: frozenset({_S.UPDATING, _S.DELETING}),
    _S.DELETING: frozenset(),
}
#: No traffic shift is under way in these: one ends in the transaction that leads here.
SETTLED: Final = frozenset({_S.CREATING, _S.IN_SERVICE, _S.FAILED, _S.UPDATE_ROLLBACK_FAILED})
