"""Errors that a caller can act on. Each carries AWS's code, so all three doors answer alike."""


class CallerError(Exception):
    """The caller must change something. `code` is AWS's error code; `status` the HTTP status."""

    code: str = "ValidationException"
    status: int = 400

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        #: The request member at fault, dotted, where there is one: forms show the message there.
        self.field = field


class ValidationFailed(CallerError):
    """The request is malformed or out of bounds."""


class NotFound(CallerError):
    """No such resource in this team and region."""

    code = "ResourceNotFound"
    status = 404


class InUse(CallerError):
    """The name is taken, or the resource is used by another."""

    code = "ResourceInUse"
    status = 409


class LimitExceeded(CallerError):
    """A quota of the team would be exceeded."""

    code = "ResourceLimitExceeded"
    status = 400


class Forbidden(CallerError):
    """The role does not include this."""

    code = "AccessDeniedException"
    status = 403
