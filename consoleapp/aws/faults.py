"""AWS's error envelope: the code, the status and the words that SDKs read."""

from dataclasses import dataclass

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
    def of(cls, error: CallerError) -> "Fault":
        # The wire knows one status for what the caller did wrong: 400, whatever REST would say.
        status = 400 if error.status in {404, 409} else error.status
        return cls(error.code, error.message, status)


INTERNAL = Fault(
    "InternalFailure",
    "The request failed for an unknown reason. The console's log has it by this request id.",
    500,
)
