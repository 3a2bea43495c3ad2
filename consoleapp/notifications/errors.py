"""What SNS answers when a call is wrong, in its own codes."""

from consoleapp.accounts.errors import NotFound, ValidationFailed


class InvalidParameter(ValidationFailed):
    code = "InvalidParameter"


class NoSuchTopic(NotFound):
    """No such topic or subscription in this team and region."""

    code = "NotFound"


def invalid(member: str, reason: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid parameter: {member} Reason: {reason}", field=member)
