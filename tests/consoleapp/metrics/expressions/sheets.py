"""Metrics as lists of values, as AWS's documentation writes them: None is a missing one."""

from collections.abc import Sequence

from consoleapp.metrics.expressions.evaluate import Expression, Sheet
from consoleapp.metrics.expressions.values import Series, Timeline

PERIOD_S = 60
LENGTH = 5


def series(values: Sequence[float | None], period_s: int = PERIOD_S, label: str = "m") -> Series:
    points = {n * period_s: float(v) for n, v in enumerate(values) if v is not None}
    return Series(points, period_s, label, metric=True)


def sheet(expression: str, **metrics: Sequence[float | None] | Series) -> Sheet:
    """The sheet of one expression, e1, over five periods of a minute."""
    rows = {
        name: each if isinstance(each, Series) else series(each, label=name)
        for name, each in metrics.items()
    }
    return Sheet(rows, {"e1": Expression(expression)}, Timeline(0, LENGTH * PERIOD_S))


def values(expression: str, **metrics: Sequence[float | None] | Series) -> list[float | None]:
    (one,) = sheet(expression, **metrics).series_of("e1")
    return listed(one)


def listed(one: Series) -> list[float | None]:
    return [one.points.get(n * one.period_s) for n in range(LENGTH)]
