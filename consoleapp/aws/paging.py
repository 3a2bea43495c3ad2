"""AWS's lists: MaxResults, NextToken, and the filters that they share."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.storable import UNSTORABLE

R = TypeVar("R", bound=Model)
_DEFAULT_SIZE: Final = 10
_LARGEST_SIZE: Final = 100
#: Digits of a place in a list; Python reads no number of thousands of them.
_LONGEST_OFFSET: Final = 9


def page(
    rows: QuerySet[R],
    params: Mapping[str, Any],
    member: str,
    summary: Callable[[R], dict[str, Any]],
) -> dict[str, Any]:
    """One page as `{member: [...], "NextToken": ...}`.

    The token holds the last row's place in the order, so that what others create or delete
    meanwhile neither repeats nor hides a row; rows must have a total order. Raises
    ValidationFailed for a token that is not ours.
    """
    order = [str(column) for column in rows.query.order_by]
    token = params.get("NextToken")
    if token:
        rows = rows.filter(_behind(rows.model, order, _place(token, order)))
    size = min(int(params.get("MaxResults") or _DEFAULT_SIZE), _LARGEST_SIZE)
    found = list(rows[: size + 1])
    answer: dict[str, Any] = {member: [summary(row) for row in found[:size]]}
    if len(found) > size:
        answer["NextToken"] = _token(found[size - 1], order)
    return answer


def offset(token: str) -> int | None:
    """The place that a token names where it is nothing but a number; None for any other."""
    return int(token) if token.isdecimal() and len(token) <= _LONGEST_OFFSET else None


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


def last_modified(rows: QuerySet[R], params: Mapping[str, Any]) -> QuerySet[R]:
    """Those that AWS's two LastModifiedTime filters leave: from the first on, before the second."""
    bounds = {
        "modified_at__gte": params.get("LastModifiedTimeAfter"),
        "modified_at__lt": params.get("LastModifiedTimeBefore"),
    }
    return rows.filter(**{column: moment for column, moment in bounds.items() if moment})


def _token(row: Model, order: list[str]) -> str:
    place = [reduce(getattr, column.lstrip("-").split("__"), row) for column in order]
    return urlsafe_b64encode(json.dumps([order, place], default=str).encode()).decode()


def _place(token: str, order: list[str]) -> list[Any]:
    try:
        ordered_by, place = json.loads(urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError):
        raise _not_ours() from None
    # Another order, or another list altogether: its place means nothing here.
    if ordered_by != order or not isinstance(place, list) or len(place) != len(order):
        raise _not_ours()
    if any(isinstance(told, str) and UNSTORABLE.search(told) for told in place):
        raise _not_ours()
    return place


def _behind(model: type[Model], order: list[str], place: list[Any]) -> Q:
    """Rows that come after the place: later in one column, equal in all those before it."""
    behind, same = Q(), Q()
    for column, told in zip(order, place, strict=True):
        name = column.lstrip("-")
        try:
            value = _field(model, name).to_python(told)
        except (ValidationError, ValueError, TypeError, OverflowError):
            raise _not_ours() from None
        later = {f"{name}__{'lt' if column.startswith('-') else 'gt'}": value}
        behind |= same & Q(**later)
        same &= Q(**{name: value})
    return behind


def _field(model: type[Model], path: str) -> "Field[Any, Any]":
    *relations, last = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        assert isinstance(related, type), f"{path} leads to no model"
        model = related
    found = model._meta.get_field(last)
    assert isinstance(found, Field), f"{path} is no column"
    return found


def _not_ours() -> ValidationFailed:
    return ValidationFailed("The NextToken is not one that this list gave out.")
