"""What goes wrong with a job, by who must act. Pure."""

from dataclasses import dataclass
from typing import Any, Final

MAX_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a request: the member, dotted, and what to change."""

    field: str
    message: str
    code: str = "ValidationException"


class TestFailed(Exception):
    """A test cannot give a result, and trying again would not help.

    `detail` is {"payload", "status", "answer", "log_lines"}, as far as known.
    """

    __test__ = False

    def __init__(self, reason: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail or {}


class AttemptLost(Exception):
    """This attempt ended without a result through no fault of the model: the sweep retries it."""


class AttemptFenced(Exception):
    """Another attempt owns the test by now: stop the traffic and write nothing."""
