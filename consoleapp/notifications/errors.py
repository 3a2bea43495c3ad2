"""What SNS answers when a call is wrong, in its own codes."""

from consoleapp.accounts.errors import Forbidden, NotFound, ValidationFailed


class InvalidParameter(ValidationFailed):
    code = "InvalidParameter"


class NoSuchTopic(NotFound):
    """No such topic or subscription in this team and region."""

    code = "NotFound"


class NotAllowed(Forbidden):
    """Whoever asks has not shown that they may."""

    code = "AuthorizationError"


def invalid(member: str, reason: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid parameter: {member} Reason: {reason}", field=member)
