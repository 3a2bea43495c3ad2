"""CloudWatch's GetMetricData: metrics, and what metric math makes of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from consoleapp.accounts.actor import Actor
from consoleapp.aws.cloudwatch import points_of, span_of
from consoleapp.metrics import metric_queries
from consoleapp.metrics.expressions.evaluate import Sheet
from consoleapp.metrics.expressions.values import Series, Timeline
from consoleapp.metrics.metric_queries import Query


def get_metric_data(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    wanted = params["MetricDataQueries"]
    metric_queries.check(wanted, "MetricDataQueries")
    span = span_of(params, metric_queries.BadQuery)
    sheet = metric_queries.sheet_of(
        wanted, Timeline(*span), lambda query: _values(actor, query["MetricStat"], span)
    )
    newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    # All are computed, so that a wrong one is told of though it is not returned.
    results = [(query, list(_results(sheet, query, newest_first))) for query in wanted]
    return {
        "MetricDataResults": [
            each for query, told in results if query.get("ReturnData", True) for each in told
        ],
        "Messages": [],
    }


def _values(actor: Actor, stat: Mapping[str, Any], span: tuple[int, int]) -> dict[int, float]:
    asked = {key: stat[key] for key in ("Period", "Unit") if key in stat}
    metric, name = {**stat["Metric"], **asked}, stat["Stat"]
    found = ((p.second, p.values[name]) for p in points_of(actor, metric, span, [name]))
    return {second: value for second, value in found if value is not None}


def _results(sheet: Sheet, query: Query, newest_first: bool) -> Iterator[dict[str, Any]]:
    found = metric_queries.series_of(sheet, query)
    label = metric_queries.label_of(query)
    for series in found:
        # An expression of several metrics names each of them behind its own name.
        several = "Expression" in query and len(found) > 1
        name = f"{label} {series.label}".strip() if several else label
        seconds = sorted(series.points, reverse=newest_first)
        yield _result(query["Id"], name, series, seconds)


def _result(name: str, label: str, series: Series, seconds: list[int]) -> dict[str, Any]:
    return {
        "Id": name,
        "Label": label,
        "Timestamps": [datetime.fromtimestamp(second, UTC) for second in seconds],
        "Values": [series.points[second] for second in seconds],
        "StatusCode": "Complete",
    }
