"""What metric math computes with: scalars, time series and arrays of time series. Pure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from consoleapp.metrics.expressions.errors import BadExpression

#: As many as a request may have metrics; arrays of arrays would grow without end.
MOST_SERIES: Final = 500
#: Data points that one request may come to, those on the way included.
MOST_POINTS: Final = 5_000_000
TOO_MANY: Final = "The request comes to too many data points: ask for fewer periods"


@dataclass(frozen=True, slots=True)
class Series:
    """Values by second; a second without a value is missing. `metric`: no expression's result."""

    points: Mapping[int, float]
    period_s: int
    label: str = ""
    metric: bool = False

    def with_points(self, points: Mapping[int, float]) -> "Series":
        told = {second: value for second, value in points.items() if math.isfinite(value)}
        return replace(self, points=told, metric=False)


_MOST_PERIODS: Final = 100_800
#: What an array without series comes to; it goes with every period.
NOTHING: Final = Series({}, 0)

#: A scalar that is not a number (the mean of nothing) makes no point.
Value = float | Series | list[Series]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The periods that are asked for. They begin at multiples of the period, counted from `phase`:
    0 for graphs; an alarm's end where it looks."""

    start: int
    end: int
    phase: int = 0

    def seconds(self, period_s: int) -> range:
        if not period_s:
            return range(0)
        # Nothing was measured before 1970, and no calendar begins before the year 1.
        start = max(self.start, 0)
        first = start - (start - self.phase) % period_s
        if (self.end - first) // period_s > _MOST_PERIODS:
            raise BadExpression(f"The range has more than {_MOST_PERIODS} periods of {period_s} s")
        return range(first, self.end, period_s)


def kind_of(value: Value) -> str:
    if isinstance(value, Series):
        return "TimeSeries"
    return "TimeSeries[]" if isinstance(value, list) else "Scalar"


def each(value: Value, change: Callable[[Series], Series], function: str) -> Value:
    """For functions that take a series or an array of them, and give the same."""
    if isinstance(value, Series):
        return change(value)
    if isinstance(value, list):
        return [change(one) for one in value]
    raise BadExpression(f"{function} takes a time series or an array of them, not a scalar")


def same_period(series: list[Series]) -> int:
    """Raises BadExpression where there are several: points of one would be missing in another."""
    periods = {one.period_s for one in series} - {NOTHING.period_s}
    if len(periods) > 1:
        told = ", ".join(str(period) for period in sorted(periods))
        raise BadExpression(f"The metrics have different periods ({told} seconds)")
    return periods.pop() if periods else NOTHING.period_s


def flat(values: list[Value]) -> list[Series]:
    """[m1, METRICS("a")] as one array."""
    found: list[Series] = []
    for value in values:
        if isinstance(value, float):
            raise BadExpression("An array holds time series, not scalars")
        found.extend([value] if isinstance(value, Series) else value)
        if len(found) > MOST_SERIES:
            raise BadExpression(f"An array holds at most {MOST_SERIES} time series")
    return found
