"""Metric math's functions of values alone, by name. Pure."""

import math
import statistics
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from consoleapp.metrics.expressions.errors import BadExpression
from consoleapp.metrics.expressions.values import (
    MOST_POINTS,
    NOTHING,
    TOO_MANY,
    Series,
    Timeline,
    Value,
    each,
    same_period,
)

Function = Callable[[list[Value], Timeline], Value]


def _pointwise(change: Callable[[float], float], name: str) -> Function:
    def of_points(one: Series) -> Series:
        return one.with_points({at: _number(change, value) for at, value in one.points.items()})

    return lambda given, _: each(_only(given, name), of_points, name)


def _number(change: Callable[[float], float], value: float) -> float:
    try:
        return float(change(value))
    except ValueError:
        # The logarithm of nothing: the data point is dropped.
        return math.nan


def _aggregate(over: Callable[[list[float]], float], name: str) -> Function:
    """Of one series a scalar; of an array the series of each second's aggregates."""

    def aggregated(given: list[Value], _: Timeline) -> Value:
        value = _only(given, name)
        if isinstance(value, Series):
            return over(list(value.points.values())) if value.points else math.nan
        return _across(_array(value, name), over)

    return aggregated


def _across(array: list[Series], over: Callable[[list[float]], float]) -> Series:
    period_s = same_period(array)
    seconds = sorted(set().union(*(one.points for one in array)))
    return Series({}, period_s).with_points(
        {at: over([one.points[at] for one in array if at in one.points]) for at in seconds}
    )


def _average(given: list[Value], line: Timeline) -> Value:
    value = _only(given, "AVG")
    if isinstance(value, Series):
        return statistics.fmean(value.points.values()) if value.points else math.nan
    # As documented: in an array, what is missing counts as 0.
    array = _array(value, "AVG")
    total = _across(array, math.fsum)
    return total.with_points({at: told / len(array) for at, told in total.points.items()})


def _sum(given: list[Value], line: Timeline) -> Value:
    value = _only(given, "SUM")
    if isinstance(value, Series):
        return math.fsum(value.points.values())
    return _across(_array(value, "SUM"), math.fsum)


def _count(given: list[Value], _: Timeline) -> Value:
    value = _only(given, "DATAPOINT_COUNT")
    if isinstance(value, Series):
        return float(len(value.points))
    return _across(_array(value, "DATAPOINT_COUNT"), lambda told: float(len(told)))


def _steps(change: Callable[[float, float], float], name: str) -> Function:
    """`change`: from how much a value grew and in how many seconds."""

    def stepped(one: Series) -> Series:
        at = sorted(one.points)
        pairs = zip(at, at[1:], strict=False)
        return one.with_points({b: change(one.points[b] - one.points[a], b - a) for a, b in pairs})

    return lambda given, _: each(_only(given, name), stepped, name)


def _running_sum(given: list[Value], _: Timeline) -> Value:
    def summed(one: Series) -> Series:
        total, told = 0.0, {}
        for at in sorted(one.points):
            total += one.points[at]
            told[at] = total
        return one.with_points(told)

    return each(_only(given, "RUNNING_SUM"), summed, "RUNNING_SUM")


def fill(given: list[Value], line: Timeline, how: str = "") -> Value:
    """`how`: REPEAT or LINEAR; else the second value is the filler."""
    filler = given[1] if len(given) > 1 else None
    _check_room(given[0], line)

    def filled(one: Series) -> Series:
        known = sorted(one.points)
        told = {
            at: one.points[at] if at in one.points else _filler(one, known, at, how or filler)
            for at in line.seconds(one.period_s)
        }
        return one.with_points(told)

    return each(given[0], filled, "FILL")


def _check_room(value: Value, line: Timeline) -> None:
    """Before they are made: an array of empty series comes to as many points as there are periods
    in each."""
    array = value if isinstance(value, list) else []
    if sum(len(line.seconds(one.period_s)) for one in array) > MOST_POINTS:
        raise BadExpression(TOO_MANY)


def _filler(one: Series, known: list[int], at: int, how: Value | str | None) -> float:
    if isinstance(how, float):
        return how
    if isinstance(how, Series):
        return how.points.get(at, math.nan)
    behind = bisect_left(known, at)
    if not behind:
        return math.nan
    before = known[behind - 1]
    if how == "REPEAT":
        return one.points[before]
    if behind == len(known):
        return math.nan
    after = known[behind]
    share = (at - before) / (after - before)
    return one.points[before] + share * (one.points[after] - one.points[before])


def _first(given: list[Value], _: Timeline) -> Value:
    return _some(given, "FIRST")[0]


def _last(given: list[Value], _: Timeline) -> Value:
    return _some(given, "LAST")[-1]


def _slice(given: list[Value], _: Timeline) -> Value:
    array, bounds = _array(given[0] if given else [], "SLICE"), given[1:]
    whole = [int(bound) for bound in bounds if isinstance(bound, float) and math.isfinite(bound)]
    if len(bounds) not in (1, 2) or len(whole) != len(bounds) or min(whole) < 0:
        raise BadExpression("SLICE takes an array and one or two numbers from 0")
    return array[slice(*whole)] if len(whole) == 2 else array[whole[0] :]


def sort(given: list[Value], by: str, order: str) -> Value:
    """`by`: AVG, MIN, MAX or SUM. The third value is how many to keep."""
    array = _array(given[0], "SORT")
    over: Callable[[Iterable[float]], float] = ORDERS[by]
    empty = [one for one in array if not one.points]
    known = sorted(
        (one for one in array if one.points),
        key=lambda one: over(one.points.values()),
        reverse=order == "DESC",
    )
    most = given[1] if len(given) > 1 else math.inf
    if not isinstance(most, float) or not most >= 0:
        raise BadExpression("SORT's limit is a number")
    return [*known, *empty][: None if math.isinf(most) else int(most)]


def _metric_count(given: list[Value], _: Timeline) -> Value:
    return float(len(_array(_only(given, "METRIC_COUNT"), "METRIC_COUNT")))


def _remove_empty(given: list[Value], _: Timeline) -> Value:
    return [one for one in _array(_only(given, "REMOVE_EMPTY"), "REMOVE_EMPTY") if one.points]


def _period(given: list[Value], _: Timeline) -> Value:
    value = _only(given, "PERIOD")
    if not isinstance(value, Series) or not value.metric:
        raise BadExpression("PERIOD takes a metric, not the result of an expression")
    return float(value.period_s)


def _calendar(read: Callable[[datetime], float], name: str) -> Function:
    def told(given: list[Value], line: Timeline) -> Value:
        value = _only(given, name)
        if not isinstance(value, Series):
            raise BadExpression(f"{name} takes a time series")
        seconds = line.seconds(value.period_s)
        return value.with_points(
            {at: float(read(datetime.fromtimestamp(at, UTC))) for at in seconds}
        )

    return told


def _only(given: list[Value], name: str) -> Value:
    if len(given) != 1:
        raise BadExpression(f"{name} takes one argument, not {len(given)}")
    return given[0]


def _array(value: Value, name: str) -> list[Series]:
    if not isinstance(value, list):
        raise BadExpression(f"{name} takes an array of time series here")
    return value


def _some(given: list[Value], name: str) -> list[Series]:
    return _array(_only(given, name), name) or [NOTHING]


ORDERS: Final[Mapping[str, Callable[[Iterable[float]], float]]] = {
    "AVG": statistics.fmean,
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
}
FUNCTIONS: Final[Mapping[str, Function]] = {
    "ABS": _pointwise(abs, "ABS"),
    "AVG": _average,
    "CEIL": _pointwise(math.ceil, "CEIL"),
    "DATAPOINT_COUNT": _count,
    "DATE": _calendar(lambda at: at.day, "DATE"),
    "DAY": _calendar(lambda at: at.isoweekday(), "DAY"),
    "DIFF": _steps(lambda grown, _: grown, "DIFF"),
    "DIFF_TIME": _steps(lambda _, seconds: seconds, "DIFF_TIME"),
    "EPOCH": _calendar(lambda at: at.timestamp(), "EPOCH"),
    "FIRST": _first,
    "FLOOR": _pointwise(math.floor, "FLOOR"),
    "HOUR": _calendar(lambda at: at.hour, "HOUR"),
    "LAST": _last,
    "LOG": _pointwise(math.log, "LOG"),
    "LOG10": _pointwise(math.log10, "LOG10"),
    "MAX": _aggregate(max, "MAX"),
    "METRIC_COUNT": _metric_count,
    "MIN": _aggregate(min, "MIN"),
    "MINUTE": _calendar(lambda at: at.minute, "MINUTE"),
    "MONTH": _calendar(lambda at: at.month, "MONTH"),
    "PERIOD": _period,
    "RATE": _steps(lambda grown, seconds: grown / seconds, "RATE"),
    "REMOVE_EMPTY": _remove_empty,
    "RUNNING_SUM": _running_sum,
    "SLICE": _slice,
    "STDDEV": _aggregate(statistics.pstdev, "STDDEV"),
    "SUM": _sum,
    "YEAR": _calendar(lambda at: at.year, "YEAR"),
}
