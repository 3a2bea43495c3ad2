"""Reads metric math: text becomes a tree. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from consoleapp.metrics.expressions.errors import BadExpression

#: Deeper than anybody writes by hand, and far from Python's own limit.
_DEEPEST: Final = 30
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign>&&|\|\||[=!<>]=|[-+*/^<>()\[\],]))",
    re.ASCII,
)
_WORDS: Final = {"AND": "&&", "OR": "||"}
#: Loosest first.
_LEVELS: Final = (
    ("||",),
    ("&&",),
    ("==", "!=", "<=", ">=", "<", ">"),
    ("+", "-"),
    ("*", "/"),
)


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A query's id, or one of the words that functions take: REPEAT, DESC, AVG."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Array:
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operations of one level, from left to right: a long sum is long, not deep."""

    first: "Node"
    rest: "tuple[tuple[str, Node], ...]"


Node = Number | Text | Name | Call | Array | Negative | Chain


def parse(expression: str) -> Node:
    """Raises BadExpression."""
    reader = _Reader(_tokens(expression))
    found = reader.level(0)
    if reader.peek()[1]:
        raise _unexpected(reader.peek()[1])
    return found


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unexpected(text[at:].lstrip()[:1])
        kind, told = str(match.lastgroup), str(match.group(str(match.lastgroup)))
        sign = _WORDS.get(told)
        found.append(("sign", sign) if sign else (kind, told))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._at = 0
        self._depth = 0

    def peek(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self._signed()
        first, rest = self.level(number + 1), []
        while self.peek()[0] == "sign" and self.peek()[1] in _LEVELS[number]:
            operator = self._next()[1]
            rest.append((operator, self.level(number + 1)))
        return Chain(first, tuple(rest)) if rest else first

    def _signed(self) -> Node:
        if not self._took("-"):
            return self._power()
        return self._deeper(lambda: Negative(self._signed()))

    def _power(self) -> Node:
        base = self._operand()
        if not self._took("^"):
            return base
        return self._deeper(lambda: Chain(base, (("^", self._signed()),)))

    def _operand(self) -> Node:
        kind, told = self._next()
        if kind == "number":
            return Number(float(told))
        if kind == "text":
            return Text(told[1:-1])
        if kind == "name":
            return Call(told, self._list(")")) if self._took("(") else Name(told)
        if told == "[":
            return Array(self._list("]"))
        if told == "(":
            inner = self._deeper(lambda: self.level(0))
            self._expect(")")
            return inner
        raise _unexpected(told)

    def _list(self, end: str) -> tuple[Node, ...]:
        if self._took(end):
            return ()
        items = [self._deeper(lambda: self.level(0))]
        while self._took(","):
            items.append(self._deeper(lambda: self.level(0)))
        self._expect(end)
        return tuple(items)

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadExpression("The expression is nested too deeply")
        found = read()
        self._depth -= 1
        return found

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _took(self, sign: str) -> bool:
        if self.peek() != ("sign", sign):
            return False
        self._at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._took(sign):
            raise _unexpected(self.peek()[1])


def _unexpected(token: str) -> BadExpression:
    return BadExpression(f"Unexpected '{token}'" if token else "Unexpected end of the expression")
