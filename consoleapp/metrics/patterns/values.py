"""What a field is compared with: a number, a text with asterisks, or a regular expression. Pure."""

import math
import operator
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import regex

from consoleapp.metrics.patterns.errors import BadPattern

Scalar = str | float | bool | None

_NUMBER: Final = regex.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
#: What AWS lets a regular expression be made of; groups are not part of it.
_REGEX: Final = regex.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.]+")
_LONGEST_SEARCH_S: Final = 2.0
_LEAST_SEARCH_S: Final = 0.001
_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Budget:
    """What all regular expressions of a pattern may take for all events together."""

    left_s: float = _LONGEST_SEARCH_S

    def spend(self, seconds: float) -> None:
        self.left_s = max(self.left_s - seconds, _LEAST_SEARCH_S)


class Expression:
    """A regular expression that stays within its pattern's budget."""

    def __init__(self, text: str, budget: Budget) -> None:
        if not _REGEX.fullmatch(text):
            raise BadPattern(f"Invalid character(s) in regular expression '{text}'")
        try:
            self._compiled = regex.compile(text)
        except regex.error:
            raise BadPattern(f"Invalid regular expression '{text}'") from None
        self._budget = budget

    def found_in(self, text: str) -> bool:
        started = time.monotonic()
        try:
            found = self._compiled.search(text, timeout=self._budget.left_s)
        except TimeoutError:
            raise BadPattern("The regular expression takes too long") from None
        finally:
            self._budget.spend(time.monotonic() - started)
        return found is not None


@dataclass(frozen=True)
class Wanted:
    """The right side of a comparison. What is in quotes is a text, digits or not."""

    text: str
    quoted: bool = False
    expression: Expression | None = None

    @cached_property
    def number(self) -> float | None:
        plain = not self.quoted and _NUMBER.fullmatch(self.text)
        return float(self.text) if plain else None

    def equals(self, value: str) -> bool:
        if self.expression is not None:
            return self.expression.found_in(value)
        before, after = self.text.startswith("*"), self.text.endswith("*")
        word = self.text.removeprefix("*").removesuffix("*")
        if before and after:
            return word in value
        if before:
            return value.endswith(word)
        return value.startswith(word) if after else value == word


def compare(sign: str, value: Scalar, wanted: Wanted) -> bool:
    """False for what cannot be compared so, whatever the sign."""
    number = _number(value)
    if sign in _ORDERS:
        limit = wanted.number
        return number is not None and limit is not None and _ORDERS[sign](number, limit)
    if number is not None and wanted.number is not None:
        same = number == wanted.number
    elif isinstance(value, str):
        same = wanted.equals(value)
    else:
        same = number is not None and wanted.equals(f"{number:.15g}")
    comparable = isinstance(value, str) or number is not None
    return comparable and same is (sign == "=")


def _number(value: Scalar) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    try:
        return float(value)
    except OverflowError:
        # JSON spells numbers beyond a double.
        return math.inf if value > 0 else -math.inf
