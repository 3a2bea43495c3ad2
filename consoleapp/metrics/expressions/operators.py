"""Metric math's operators, between any two kinds of value. Pure."""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from consoleapp.metrics.expressions.errors import BadExpression
from consoleapp.metrics.expressions.values import Series, Value, kind_of, same_period

Operation = Callable[[float, float], float]


def apply(sign: str, left: Value, right: Value) -> Value:
    """Raises BadExpression for two arrays."""
    operation = _OPERATIONS[sign]
    if isinstance(left, list) and isinstance(right, list):
        raise BadExpression(
            f"Unsupported operand type(s) for {sign}: '[{kind_of(left)}, {kind_of(right)}]'"
        )
    if isinstance(left, list):
        return [_between(operation, one, right, like=one) for one in left]
    if isinstance(right, list):
        return [_between(operation, left, one, like=one) for one in right]
    if isinstance(left, Series):
        return _between(operation, left, right, like=left)
    if isinstance(right, Series):
        return _between(operation, left, right, like=right)
    return operation(left, right)


def negative(value: Value) -> Value:
    return apply("*", value, -1.0)


def _between(operation: Operation, left: Value, right: Value, *, like: Series) -> Series:
    """`like`: the series whose label the result keeps."""
    sides = [side for side in (left, right) if isinstance(side, Series)]
    period_s = same_period(sides)
    # As documented: what only one of the two has counts as 0 in the other.
    seconds = sorted(set().union(*(side.points for side in sides)))
    points = {at: operation(_at(left, at), _at(right, at)) for at in seconds}
    return replace(like, period_s=period_s).with_points(points)


def _at(side: Value, second: int) -> float:
    if isinstance(side, Series):
        return side.points.get(second, 0.0)
    assert isinstance(side, float), "arrays are taken apart before"
    return side


def _safely(operation: Callable[[float, float], float]) -> Operation:
    """Not a number where there is no result: that data point is dropped."""

    def computed(left: float, right: float) -> float:
        try:
            found = operation(left, right)
        except (ZeroDivisionError, OverflowError):
            return math.nan
        # A root of a negative number is complex.
        return found if isinstance(found, float) else math.nan

    return computed


def _logical(operation: Callable[[float, float], bool]) -> Operation:
    return lambda left, right: float(operation(left, right))


_OPERATIONS: Final[Mapping[str, Operation]] = {
    "+": _safely(operator.add),
    "-": _safely(operator.sub),
    "*": _safely(operator.mul),
    "/": _safely(operator.truediv),
    "^": _safely(operator.pow),
    "==": _logical(operator.eq),
    "!=": _logical(operator.ne),
    "<=": _logical(operator.le),
    ">=": _logical(operator.ge),
    "<": _logical(operator.lt),
    ">": _logical(operator.gt),
    "&&": _logical(lambda left, right: bool(left) and bool(right)),
    "||": _logical(lambda left, right: bool(left) or bool(right)),
}
