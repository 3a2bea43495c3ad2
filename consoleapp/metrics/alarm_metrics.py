"""What an alarm watches: one metric, or an expression of several (its Metrics)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from consoleapp.metrics import metric_queries, queries
from consoleapp.metrics.expressions.values import Series, Timeline
from consoleapp.metrics.metric_queries import BadQuery, Query
from consoleapp.metrics.statistics import reading

_MOST_METRICS: Final = 10
Points = Mapping[int, float]


def check(metrics: Sequence[Query]) -> None:
    """Raises BadQuery unless they come to one time series."""
    metric_queries.check(metrics, "Metrics")
    if sum(query.get("ReturnData", True) for query in metrics) != 1:
        raise BadQuery("Exactly one element of the metrics list should return data.")
    if sum("MetricStat" in query for query in metrics) > _MOST_METRICS:
        raise BadQuery(f"An alarm's expression has at most {_MOST_METRICS} metrics.")
    for query in metrics:
        if "MetricStat" in query:
            reading(query["MetricStat"]["Stat"], field="Metrics")
    period_s = period_of(metrics)
    sheet = metric_queries.sheet_of(metrics, Timeline(0, period_s), lambda _: {})
    found = {query["Id"]: metric_queries.series_of(sheet, query) for query in metrics}
    _only(found[watched(metrics)["Id"]])


def period_of(metrics: Sequence[Query]) -> int:
    """The one period of all. Raises BadQuery where there are several, or none."""
    periods = {int(q["MetricStat"]["Period"]) for q in metrics if "MetricStat" in q}
    periods |= {int(q["Period"]) for q in metrics if "Expression" in q and q.get("Period")}
    if len(periods) != 1:
        raise BadQuery("All metrics of an alarm must have the same period.")
    return periods.pop()


def watched(metrics: Sequence[Query]) -> Query:
    return next(query for query in metrics if query.get("ReturnData", True))


def label_of(metrics: Sequence[Query]) -> str:
    """What people are told: the label, else the expression itself."""
    query = watched(metrics)
    return str(query.get("Label") or query.get("Expression") or metric_queries.label_of(query))


def dimensions_in(metrics: Sequence[Query]) -> list[dict[str, str]]:
    """Those of each metric that it reads."""
    read = (query["MetricStat"]["Metric"] for query in metrics if "MetricStat" in query)
    return [_named(metric)[2] for metric in read]


def windows(
    owner: tuple[str, str], metrics: Sequence[Query], *, end: int, count: int
) -> list[float | None]:
    """As queries.windows. `owner`: account and region."""
    period_s = period_of(metrics)
    start = end - count * period_s
    timeline = Timeline(start, end, phase=start % period_s)
    found = _computed(metrics, timeline, lambda stat: _windows(owner, stat, end, count)).points
    return [found.get(start + n * period_s) for n in range(count)]


def points(owner: tuple[str, str], metrics: Sequence[Query], start: int, end: int) -> Points:
    """What the alarm watches, in periods at round times, as on a graph."""
    return _computed(
        metrics, Timeline(start, end), lambda stat: _points(owner, stat, start, end)
    ).points


def _computed(
    metrics: Sequence[Query], timeline: Timeline, read: Callable[[Mapping[str, Any]], Points]
) -> Series:
    sheet = metric_queries.sheet_of(metrics, timeline, lambda query: read(query["MetricStat"]))
    # How many there are may depend on the data.
    return _only(metric_queries.series_of(sheet, watched(metrics)))


def _only(found: Sequence[Series]) -> Series:
    if len(found) != 1:
        raise BadQuery(
            "Metrics expression that return multi time series are only allowed for MetricsInsights"
            " expression with an ORDER BY clause"
        )
    return found[0]


def _windows(owner: tuple[str, str], stat: Mapping[str, Any], end: int, count: int) -> Points:
    period_s = int(stat["Period"])
    found = queries.windows(
        (*owner, *_named(stat["Metric"])),
        end=end,
        period_s=period_s,
        count=count,
        statistic=stat["Stat"],
        unit=stat.get("Unit", ""),
    )
    start = end - count * period_s
    return {start + n * period_s: value for n, value in enumerate(found) if value is not None}


def _points(owner: tuple[str, str], stat: Mapping[str, Any], start: int, end: int) -> Points:
    name, period_s = stat["Stat"], int(stat["Period"])
    series, unit = (*owner, *_named(stat["Metric"])), stat.get("Unit", "")
    found = queries.points(*series, start, end, period_s, (name,), unit=unit)
    told = ((point.second, point.values[name]) for point in found)
    return {second: value for second, value in told if value is not None}


def _named(metric: Mapping[str, Any]) -> tuple[str, str, dict[str, str]]:
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    return metric.get("Namespace", ""), metric.get("MetricName", ""), dimensions
