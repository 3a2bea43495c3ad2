"""Reads one score for each row out of a model's answer, CSV or JSON. Pure."""

import json
import math
from collections.abc import Sequence
from typing import Any, Final

from endpoints.evaluation.labelled import same_label

#: Members that hold the scores of all rows, and those that hold one row's score, in this order.
_MANY: Final = ("predictions", "scores", "outputs", "instances")
_ONE: Final = ("score", "probability", "prediction", "predicted_label", "label")


class AnswerRefused(Exception):
    """The answer holds no score for each row; the message says why, to a person.

    `systematic`: the model answers so by its nature, and the other rows will be no better.
    """

    def __init__(self, reason: str, *, systematic: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.systematic = systematic


def scores(
    body: bytes, content_type: str, *, rows: int, positive: str, negative: str
) -> list[float]:
    """As many finite numbers as rows. A label in words counts as 1 or 0."""
    items = _items(body, content_type, rows)
    if len(items) != rows:
        if rows == 1 and items:
            raise _many_scores(len(items))
        raise AnswerRefused(f"{len(items)} scores were answered for {rows} rows.")
    return [_score(item, positive, negative) for item in items]


def _items(body: bytes, content_type: str, rows: int) -> Sequence[Any]:
    try:
        text = body.decode().strip()
    except UnicodeDecodeError:
        raise AnswerRefused("The answer is not text.", systematic=True) from None
    kind = content_type.partition(";")[0].strip().lower()
    if not text:
        raise AnswerRefused("The answer is empty.")
    if "jsonlines" in kind:
        return [_json(line) for line in text.splitlines()]
    if "json" in kind or text[0] in "[{":
        return _of_json(_json(text), rows)
    return _of_csv(text, rows)


def _of_csv(text: str, rows: int) -> Sequence[Any]:
    lines = [line.split(",") for line in text.splitlines() if line.strip()]
    # AWS's XGBoost container answers all rows on one line, others a line for each.
    if len(lines) == 1:
        return [value.strip() for value in lines[0]]
    if len(lines) == rows and any(len(line) > 1 for line in lines):
        raise _many_scores(max(map(len, lines)))
    return [value.strip() for line in lines for value in line]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise AnswerRefused("The answer says it is JSON and is not.") from None


def _of_json(value: Any, rows: int) -> Sequence[Any]:
    if isinstance(value, dict):
        inner = next((value[name] for name in _MANY if name in value), None)
        return [value] if inner is None else _of_json(inner, rows)
    if not isinstance(value, list):
        return [value]
    # [[0.2, 0.8]] for one row: the scores of two classes, not of two rows.
    return value


def _score(item: Any, positive: str, negative: str) -> float:
    if isinstance(item, dict):
        name = next((name for name in _ONE if name in item), None)
        if name is None:
            members = ", ".join(map(str, item)) or "none"
            raise AnswerRefused(
                f"No member of the answer is a score; its members are: {members}.", systematic=True
            )
        return _score(item[name], positive, negative)
    if isinstance(item, list):
        if len(item) != 1:
            raise _many_scores(len(item))
        return _score(item[0], positive, negative)
    return _number(item, positive, negative)


def _number(item: Any, positive: str, negative: str) -> float:
    try:
        value = float(item)
    except (TypeError, ValueError):
        if isinstance(item, str) and same_label(item, positive):
            return 1.0
        if isinstance(item, str) and negative and same_label(item, negative):
            return 0.0
        raise AnswerRefused(f"'{item}' is neither a number nor one of the labels.") from None
    if not math.isfinite(value):
        raise AnswerRefused(f"'{item}' is not a finite number.")
    return value


def _many_scores(count: int) -> AnswerRefused:
    return AnswerRefused(
        f"The model answered {count} scores for one row. Variants are compared by one score a row:"
        " the probability of the positive class, or a label. Answer that alone, from an"
        " inference.py for example.",
        systematic=True,
    )
