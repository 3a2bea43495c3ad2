"""What can go wrong with endpoints, split by who must act. Pure."""

from consoleapp.accounts.errors import InUse, LimitExceeded, NotFound, ValidationFailed


class ResourceMissing(NotFound):
    """No such model, configuration or endpoint in this team and region."""

    # AWS answers ValidationException, not ResourceNotFound: boto3's endpoint_deleted waiter
    # depends on it. Pages and REST still answer 404.
    code = "ValidationException"


class AlreadyExists(InUse):
    """The name is taken in this team and region."""

    # As SageMaker answers for models, endpoint configurations and endpoints.
    code = "ValidationException"


class CannotGrant(ValidationFailed):
    """This machine is too small for what was asked, even scaled down."""


class HostError(Exception):
    """The host could not do it. `permanent` says that trying again will not help."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


def could_not_find(what: str, arn: str) -> ResourceMissing:
    return ResourceMissing(f'Could not find {what} "{arn}".')


def already_existing(what: str, arn: str) -> AlreadyExists:
    return AlreadyExists(f'Cannot create already existing {what} "{arn}".')


def over_limit(what: str, limit: float, used: int, more: int) -> LimitExceeded:
    """AWS's words for a quota; ours says who can raise it."""
    return LimitExceeded(
        f"The account-level service limit '{what}' is {limit:g}, with current utilization of"
        f" {used} and a request delta of {more}. An admin of the team can raise it."
    )
