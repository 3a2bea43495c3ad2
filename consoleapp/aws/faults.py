"""AWS's error envelope: the code, the status and the words that SDKs read."""

from dataclasses import dataclass

from botocore.model import OperationModel

from consoleapp.accounts.errors import CallerError


class SerializationFailed(CallerError):
    """The body cannot be read as the operation's input."""

    code = "SerializationException"


class UnknownOperation(CallerError):
    """AWS has no such operation."""

    code = "UnknownOperationException"


class NotImplementedHere(CallerError):
    """AWS has this operation and the console has not (see docs/coverage.md)."""

    code = "NotImplemented"
    status = 501


class Throttled(CallerError):
    """Too many calls at once."""

    code = "ThrottlingException"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes over the wire when a call fails."""

    code: str
    message: str
    status: int

    @classmethod
    def of(cls, error: CallerError, operation: OperationModel | None = None) -> "Fault":
        """The status is the one that the operation's model gives the code."""
        return cls(error.code, error.message, _modelled(error.code, operation) or _status(error))


def _modelled(code: str, operation: OperationModel | None) -> int | None:
    for shape in operation.error_shapes if operation else ():
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            status: int | None = shape.metadata.get("error", {}).get("httpStatusCode")
            return status
    return None


def _status(error: CallerError) -> int:
    # JSON services know one status for what the caller did wrong: 400, whatever REST would say.
    return 400 if error.status in {404, 409} else error.status


INTERNAL = Fault(
    "InternalFailure",
    "The request failed for an unknown reason. The console's log has it by this request id.",
    500,
)
