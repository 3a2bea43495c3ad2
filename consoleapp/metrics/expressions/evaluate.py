"""Computes the expressions of one request, each from metrics and from each other. Pure."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from consoleapp.metrics.expressions import functions, operators
from consoleapp.metrics.expressions.errors import BadExpression
from consoleapp.metrics.expressions.syntax import (
    Array,
    Call,
    Chain,
    Name,
    Negative,
    Node,
    Number,
    Text,
    parse,
)
from consoleapp.metrics.expressions.values import (
    MOST_POINTS,
    TOO_MANY,
    Series,
    Timeline,
    Value,
    flat,
    same_period,
)

_FILLERS: Final = ("REPEAT", "LINEAR")
#: Operands within operands, through expressions that use each other.
_DEEPEST: Final = 50
#: What TIME_SERIES counts in when the request names no period.
_DEFAULT_PERIOD_S: Final = 60


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    period_s: int | None = None


class Sheet:
    """The queries of one request by id: metrics are given, expressions are computed once."""

    def __init__(
        self,
        metrics: Mapping[str, Series],
        expressions: Mapping[str, Expression],
        timeline: Timeline,
    ) -> None:
        self._metrics = metrics
        self._expressions = expressions
        self._timeline = timeline
        self._known: dict[str, Value] = {}
        self._under_way: list[str] = []
        self._depth = 0
        self._points = 0

    def series_of(self, name: str) -> Sequence[Series]:
        """What the query gives: one series, or several. Raises BadExpression, also for a scalar."""
        value = self.value_of(name)
        if isinstance(value, float):
            raise BadExpression("The expression results in a scalar, not in a time series")
        return [value] if isinstance(value, Series) else value

    def value_of(self, name: str) -> Value:
        if name in self._metrics:
            return self._metrics[name]
        if name not in self._expressions:
            raise BadExpression(f"Undefined variable '{name}'")
        if name not in self._known:
            self._known[name] = self._computed(name)
        return self._known[name]

    def _computed(self, name: str) -> Value:
        if name in self._under_way:
            raise BadExpression(f"'{name}' depends on itself")
        self._under_way.append(name)
        expression = self._expressions[name]
        computed = _Computation(self, expression).value(parse(expression.text))
        self._under_way.pop()
        return computed

    def count(self, value: Value) -> None:
        """Raises BadExpression when the request has come to too much."""
        found = [value] if isinstance(value, Series) else value
        self._points += 0 if isinstance(found, float) else sum(len(one.points) for one in found)
        if self._points > MOST_POINTS:
            raise BadExpression(TOO_MANY)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Around each operand. Raises BadExpression before Python gives up."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadExpression("The expressions are nested too deeply")
        yield
        self._depth -= 1

    @property
    def metrics(self) -> Mapping[str, Series]:
        return self._metrics

    @property
    def timeline(self) -> Timeline:
        return self._timeline


class _Computation:
    def __init__(self, sheet: Sheet, expression: Expression) -> None:
        self._sheet = sheet
        self._expression = expression
        self._special: Mapping[str, Callable[[Call], Value]] = {
            "FILL": self._fill,
            "IF": self._if,
            "METRICS": self._metrics,
            "SORT": self._sort,
            "TIME_SERIES": self._time_series,
        }

    def value(self, node: Node) -> Value:
        with self._sheet.deeper():
            found = self._value(node)
        self._sheet.count(found)
        return found

    def _value(self, node: Node) -> Value:
        match node:
            case Number(value):
                return value
            case Name(name):
                return self._sheet.value_of(name)
            case Negative(operand):
                return operators.negative(self.value(operand))
            case Chain(first, rest):
                found = self.value(first)
                for sign, operand in rest:
                    found = operators.apply(sign, found, self.value(operand))
                    self._sheet.count(found)
                return found
            case Array(items):
                return flat(self._all(items))
            case Call():
                return self._called(node)
            case Text(text):
                raise BadExpression(f'Unexpected "{text}"')

    def _called(self, call: Call) -> Value:
        special = self._special.get(call.function)
        if special is not None:
            return special(call)
        function = functions.FUNCTIONS.get(call.function)
        if function is None:
            raise BadExpression(f"Function '{call.function}' not found")
        return function(self._all(call.arguments), self._sheet.timeline)

    def _all(self, nodes: Sequence[Node]) -> list[Value]:
        return [self.value(node) for node in nodes]

    def _metrics(self, call: Call) -> Value:
        wanted = ""
        if call.arguments:
            (text,) = _exactly(call, 1)
            if not isinstance(text, Text):
                raise BadExpression("METRICS takes nothing, or a text in quotes")
            wanted = text.value
        return [one for name, one in self._sheet.metrics.items() if wanted in name]

    def _fill(self, call: Call) -> Value:
        series, filler = _exactly(call, 2)
        if isinstance(filler, Name) and filler.name in _FILLERS:
            return functions.fill([self.value(series)], self._sheet.timeline, filler.name)
        given = self._all(call.arguments)
        if isinstance(given[1], list):
            raise BadExpression("FILL fills with a scalar, a time series, REPEAT or LINEAR")
        return functions.fill(given, self._sheet.timeline)

    def _sort(self, call: Call) -> Value:
        words = [each.name for each in call.arguments[1:3] if isinstance(each, Name)]
        known = len(words) == 2 and words[0] in functions.ORDERS and words[1] in ("ASC", "DESC")
        if not known or len(call.arguments) > 4:
            raise BadExpression("SORT takes an array, AVG, MIN, MAX or SUM, and ASC or DESC")
        return functions.sort(self._all([call.arguments[0], *call.arguments[3:]]), *words)

    def _time_series(self, call: Call) -> Value:
        (value,) = self._all(_exactly(call, 1))
        if not isinstance(value, float):
            raise BadExpression("TIME_SERIES takes a scalar")
        shortest = min((m.period_s for m in self._sheet.metrics.values()), default=None)
        period_s = self._expression.period_s or shortest or _DEFAULT_PERIOD_S
        seconds = self._sheet.timeline.seconds(period_s)
        return Series({}, period_s).with_points(dict.fromkeys(seconds, value))

    def _if(self, call: Call) -> Value:
        if len(call.arguments) not in (2, 3):
            raise BadExpression("IF takes a condition, a value and, if wanted, another one")
        condition, *values = self._all(call.arguments)
        if any(isinstance(each, list) for each in (condition, *values)):
            raise BadExpression("IF takes scalars and time series, not arrays")
        if isinstance(condition, Series):
            return _chosen(condition, values)
        if not any(isinstance(each, Series) for each in values):
            raise BadExpression("IF needs a time series")
        return self._whole(bool(condition), values)

    def _whole(self, condition: bool, values: list[Value]) -> Value:
        series = next(each for each in values if isinstance(each, Series))
        chosen = values[0] if condition else (values[1] if len(values) > 1 else math.nan)
        if isinstance(chosen, Series):
            return chosen
        assert isinstance(chosen, float), "arrays are refused before"
        return series.with_points(dict.fromkeys(series.points, chosen))


def _chosen(condition: Series, values: list[Value]) -> Series:
    """For each point of the condition one of two values; as documented, a missing first one is 0
    and a missing second one is no point."""

    same_period([condition, *(each for each in values if isinstance(each, Series))])
    other = values[1] if len(values) > 1 else math.nan
    points = {
        at: _at(values[0], at, missing=0.0) if true else _at(other, at, missing=math.nan)
        for at, true in condition.points.items()
    }
    return condition.with_points(points)


def _at(value: Value, second: int, *, missing: float) -> float:
    if isinstance(value, Series):
        return value.points.get(second, missing)
    assert isinstance(value, float), "arrays are refused before"
    return value


def _exactly(call: Call, count: int) -> tuple[Node, ...]:
    if len(call.arguments) != count:
        raise BadExpression(
            f"{call.function} takes {count} argument{'s'[: count != 1]}, not {len(call.arguments)}"
        )
    return call.arguments
