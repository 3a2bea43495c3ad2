"""MetricDataQuery, CloudWatch's member of GetMetricData and of alarms: checked, then computed."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics.expressions.errors import BadExpression
from consoleapp.metrics.expressions.evaluate import Expression, Sheet
from consoleapp.metrics.expressions.values import (
    MOST_POINTS,
    MOST_SERIES,
    TOO_MANY,
    Series,
    Timeline,
)

_ID: Final = re.compile(r"[a-z][a-zA-Z0-9_]*")
Query = Mapping[str, Any]


class BadQuery(ValidationFailed):
    """In the word that CloudWatch has for it."""

    code = "ValidationError"


def check(queries: Sequence[Query], member: str) -> None:
    """Raises BadQuery. `member`: what the list is called in the request."""
    if len(queries) > MOST_SERIES:
        raise BadQuery(f"The collection {member} must not have a size greater than {MOST_SERIES}.")
    for number, query in enumerate(queries, 1):
        name = f"{member}.member.{number}"
        if not _ID.fullmatch(query["Id"]):
            raise BadQuery(
                f'The value "{query["Id"]}" for parameter {name}.Id is not matching the expected'
                f" pattern ^{_ID.pattern}$."
            )
        if ("MetricStat" in query) == ("Expression" in query):
            raise BadQuery(
                f"Exactly one of the parameters {name}.MetricStat and {name}.Expression must be"
                " given."
            )
        for needed in ("Namespace", "MetricName"):
            if "MetricStat" in query and needed not in query["MetricStat"]["Metric"]:
                raise BadQuery(f"The parameter {name}.MetricStat.Metric.{needed} is required.")
    if len({query["Id"] for query in queries}) != len(queries):
        raise BadQuery(f"The values for parameter Id in {member} are not unique.")


def sheet_of(
    queries: Sequence[Query], timeline: Timeline, points: Callable[[Query], Mapping[int, float]]
) -> Sheet:
    """`points`: gives the values of a query's MetricStat by second. Raises BadQuery."""
    metrics: dict[str, Series] = {}
    count = 0
    for query in queries:
        if "MetricStat" in query:
            found, period_s = points(query), int(query["MetricStat"]["Period"])
            metrics[query["Id"]] = Series(found, period_s, label_of(query), metric=True)
            count += len(found)
        if count > MOST_POINTS:
            raise BadQuery(TOO_MANY)
    expressions = {
        query["Id"]: Expression(query["Expression"], query.get("Period"))
        for query in queries
        if "Expression" in query
    }
    return Sheet(metrics, expressions, timeline)


def series_of(sheet: Sheet, query: Query) -> Sequence[Series]:
    """What a query comes to. Raises BadQuery in CloudWatch's words."""
    try:
        found = sheet.series_of(query["Id"])
    except BadExpression as problem:
        raise BadQuery(f"Error in expression '{query['Id']}': {problem}") from None
    return found


def label_of(query: Query) -> str:
    """A metric goes by its own name, an expression by its id."""
    given = query.get("Label")
    if given is not None:
        return str(given)
    return str(
        query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"]
    )
