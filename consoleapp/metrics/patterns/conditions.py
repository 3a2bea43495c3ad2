"""Conditions on fields, joined by && and ||: inside { } and [ ]. Text becomes a function. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from consoleapp.metrics.patterns.errors import BadPattern
from consoleapp.metrics.patterns.values import Budget, Expression, Wanted, compare

#: What a selector says of an event that has no such field.
MISSING: Final = object()
#: From a selector of the pattern to its value in one event.
Lookup = Callable[[str], Any]
Condition = Callable[[Lookup], bool]

_DEEPEST: Final = 30
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<regex>%[^%]*%)|(?P<sign>&&|\|\||!=|<=|>=|[=<>()])"
    r"|(?P<word>[^\s\"%&|!<>=()]+))"
)
_SIGNS: Final = ("=", "!=", "<", ">", "<=", ">=")
_CONSTANTS: Final[Mapping[str, object]] = {"NULL": None, "TRUE": True, "FALSE": False}


class Conditions:
    """Reads one text. `selector`: what a field is called in it."""

    def __init__(self, text: str, selector: re.Pattern[str], budget: Budget) -> None:
        self._tokens = [*_tokens(text), ("end", "")]
        self._selector = selector
        self._budget = budget
        self._at = 0
        self._depth = 0
        #: In order, as the pattern names them.
        self.selectors: list[str] = []

    def read(self) -> Condition:
        """Raises BadPattern."""
        found = self._either()
        if self._peek()[0] != "end":
            raise _unexpected(self._peek()[1])
        return found

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._took("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda lookup: any(each(lookup) for each in parts)

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._took("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda lookup: all(each(lookup) for each in parts)

    def _one(self) -> Condition:
        if not self._took("("):
            return self._comparison()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadPattern("The pattern is nested too deeply")
        inner = self._either()
        self._depth -= 1
        if not self._took(")"):
            raise _unexpected(self._peek()[1])
        return inner

    def _comparison(self) -> Condition:
        kind, selector = self._next()
        if kind != "word" or not self._selector.fullmatch(selector):
            raise _unexpected(selector)
        self.selectors.append(selector)
        kind, told = self._next()
        if kind == "sign" and told in _SIGNS:
            wanted = self._wanted()
            return lambda lookup: compare(told, _scalar(lookup(selector)), wanted)
        if told.upper() == "IS":
            return self._constant(selector)
        if told.upper() == "NOT" and self._next()[1].upper() == "EXISTS":
            return lambda lookup: lookup(selector) is MISSING
        if told.upper() == "EXISTS":
            return lambda lookup: lookup(selector) is not MISSING
        raise _unexpected(told)

    def _constant(self, selector: str) -> Condition:
        word = self._next()[1].upper()
        if word not in _CONSTANTS:
            raise _unexpected(word)
        return lambda lookup: lookup(selector) is _CONSTANTS[word]

    def _wanted(self) -> Wanted:
        kind, told = self._next()
        if kind == "text":
            return Wanted(re.sub(r"\\(.)", r"\1", told[1:-1]), quoted=True)
        if kind == "regex":
            return Wanted(told, expression=Expression(told[1:-1], self._budget))
        if kind != "word":
            raise _unexpected(told)
        return Wanted(told)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _took(self, sign: str) -> bool:
        if self._peek() != ("sign", sign):
            return False
        self._at += 1
        return True


def _scalar(value: Any) -> Any:
    """Objects and arrays compare with nothing, as documented."""
    return value if isinstance(value, str | int | float) else None


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unexpected(text[at:].lstrip()[:1])
        kind = str(match.lastgroup)
        found.append((kind, str(match.group(kind))))
        at = match.end()
    return found


def _unexpected(token: str) -> BadPattern:
    return BadPattern(f"Unexpected '{token}'" if token else "Unexpected end of the pattern")
