"""The queries of a request: refused in CloudWatch's words, or computed."""

from typing import Any, cast

import pytest

from consoleapp.metrics import metric_queries
from consoleapp.metrics.expressions.values import Timeline
from consoleapp.metrics.metric_queries import BadQuery

STAT = {"Metric": {"Namespace": "N", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}


def metric(name: str, **changes: Any) -> dict[str, Any]:
    return {"Id": name, "MetricStat": STAT, **changes}


def math(name: str, expression: str, **changes: Any) -> dict[str, Any]:
    return {"Id": name, "Expression": expression, **changes}


@pytest.mark.parametrize(
    ("queries", "told"),
    [
        ([metric("M1")], "not matching the expected pattern"),
        ([metric("m-1")], "not matching the expected pattern"),
        ([metric("m1"), math("m1", "1")], "not unique"),
        ([{"Id": "m1"}], r"q\.member\.1\.MetricStat and q\.member\.1\.Expression"),
        ([metric("m1", Expression="m2")], "Exactly one"),
        ([metric(f"m{n}") for n in range(501)], "size greater than 500"),
        (
            [{"Id": "m1", "MetricStat": {**STAT, "Metric": {"Namespace": "N"}}}],
            r"q\.member\.1\.MetricStat\.Metric\.MetricName is required",
        ),
        (
            [{"Id": "m1", "MetricStat": {**STAT, "Metric": {}}}],
            r"MetricStat\.Metric\.Namespace is required",
        ),
    ],
)
def test_a_list_that_cannot_be_computed_is_refused(
    queries: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(BadQuery, match=told) as refused:
        metric_queries.check(queries, "q")
    assert refused.value.code == "ValidationError"


def test_a_wrong_expression_is_named() -> None:
    sheet = metric_queries.sheet_of([math("e1", "m9 * 2")], Timeline(0, 60), lambda _: {})
    with pytest.raises(BadQuery, match="Error in expression 'e1': Undefined variable 'm9'"):
        metric_queries.series_of(sheet, math("e1", "m9 * 2"))


def test_no_more_metrics_are_read_than_a_request_may_have_points() -> None:
    asked = []

    def points(query: Any) -> range:
        asked.append(query["Id"])
        return range(2_000_000)

    queries = [metric(f"m{n}") for n in range(9)]
    with pytest.raises(BadQuery, match="too many data points"):
        metric_queries.sheet_of(queries, Timeline(0, 60), cast(Any, points))
    assert asked == ["m0", "m1", "m2"]


def test_a_metric_goes_by_its_name_and_an_expression_by_its_id() -> None:
    assert metric_queries.label_of(metric("m1")) == "Errors"
    assert metric_queries.label_of(math("e1", "m1")) == "e1"
    assert metric_queries.label_of(math("e1", "m1", Label="Rate")) == "Rate"
    assert metric_queries.label_of(math("e1", "METRICS()", Label="")) == ""
