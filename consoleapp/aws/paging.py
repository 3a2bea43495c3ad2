"""AWS's lists: MaxResults, NextToken, and the time filters they share."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet

from consoleapp.accounts.errors import ValidationFailed

R = TypeVar("R", bound=Model)
_DEFAULT_SIZE: Final = 10
_LARGEST_SIZE: Final = 100


def page(
    rows: QuerySet[R],
    params: Mapping[str, Any],
    member: str,
    summary: Callable[[R], dict[str, Any]],
) -> dict[str, Any]:
    """One page as `{member: [...], "NextToken": ...}`.

    The token holds where the next page begins; rows must have a total order. Raises
    ValidationFailed for a token that is not ours.
    """
    start = _offset(params.get("NextToken"))
    size = min(int(params.get("MaxResults") or _DEFAULT_SIZE), _LARGEST_SIZE)
    found = list(rows[start : start + size + 1])
    answer: dict[str, Any] = {member: [summary(row) for row in found[:size]]}
    if len(found) > size:
        answer["NextToken"] = _token(start + size)
    return answer


def filters(params: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that most List operations share, in the words of our queries."""
    names = {
        "NameContains": "name_contains",
        "CreationTimeAfter": "created_after",
        "CreationTimeBefore": "created_before",
        "StatusEquals": "status",
        "SortBy": "sort_by",
        "SortOrder": "sort_order",
    }
    return {ours: params[theirs] for theirs, ours in names.items() if theirs in params}


def _token(offset: int) -> str:
    return urlsafe_b64encode(f"from:{offset}".encode()).decode()


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, offset = urlsafe_b64decode(token).decode().partition(":")
        if word == "from":
            return max(0, int(offset))
    except (Base64Error, ValueError):
        pass
    raise ValidationFailed("The NextToken is not one that this list gave out.")
