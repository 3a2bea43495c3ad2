"""CloudWatch's metric operations, on the metrics store."""

import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.models import Role
from consoleapp.aws.paging import offset
from consoleapp.metrics import queries
from consoleapp.metrics.buffer import LONGEST_DIMENSIONS
from consoleapp.metrics.emit import Emitter
from consoleapp.metrics.line import Sample
from consoleapp.metrics.series import canonical
from consoleapp.metrics.sketch import Sketch

_MOST_POINTS: Final = 100_800
_MOST_METRICS: Final = 500
#: Beside whole minutes.
_SHORT_PERIODS_S: Final = (1, 5, 10, 20, 30)
#: What PutMetricData documents.
_LARGEST: Final = 2.0**360
_EARLIEST_S: Final = 14 * 86_400
_LATEST_S: Final = 2 * 3_600
_MOST_SAMPLES: Final = 2**52


class InvalidParameter(ValidationFailed):
    code = "InvalidParameterValue"


def get_metric_statistics(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    wanted = [*params.get("Statistics", ()), *params.get("ExtendedStatistics", ())]
    if not wanted:
        raise InvalidParameter("Name Statistics or ExtendedStatistics.")
    found = points_of(actor, params, span_of(params), wanted)
    extended = set(params.get("ExtendedStatistics", ()))
    unit = _unit_of(actor, params)
    return {
        "Label": params["MetricName"],
        "Datapoints": [
            _datapoint(point, extended, unit)
            for point in found
            if any(value is not None for value in point.values.values())
        ],
    }


def list_metrics(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = queries.list_series(
        actor.account_id,
        actor.region,
        params.get("Namespace"),
        params.get("MetricName"),
        {each["Name"]: each["Value"] for each in params.get("Dimensions", ()) if "Value" in each},
    )
    named = {each["Name"] for each in params.get("Dimensions", ())}
    start = offset(params.get("NextToken") or "0")
    if start is None:
        raise InvalidParameter("The value of NextToken is not one that this list gave out.")
    matching = [each for each in found if named <= set(each.dimensions)]
    answer: dict[str, Any] = {
        "Metrics": [
            {
                "Namespace": each.namespace,
                "MetricName": each.name,
                "Dimensions": [{"Name": n, "Value": v} for n, v in each.dimensions.items()],
            }
            for each in matching[start : start + _MOST_METRICS]
        ]
    }
    if len(matching) > start + _MOST_METRICS:
        answer["NextToken"] = str(start + _MOST_METRICS)
    return answer


def put_metric_data(actor: Actor, params: dict[str, Any]) -> None:
    actor.must(Role.OPERATOR)
    if params["Namespace"].startswith(("AWS/", "/aws/")):
        raise InvalidParameter("The value AWS/ for parameter Namespace is invalid.")
    # Whom the data is of (an Entity) is not kept: series are told apart by their dimensions.
    data = [*params.get("MetricData", ())]
    data += [datum for of in params.get("EntityMetricData", ()) for datum in of["MetricData"]]
    samples = [_sample(actor, params["Namespace"], datum) for datum in data]
    emitter = Emitter(settings.INGEST_ADDRESS, settings.INGEST_TOKEN)
    try:
        emitter.send(samples)
    finally:
        emitter.close()


def span_of(
    params: Mapping[str, Any], refusal: type[ValidationFailed] = InvalidParameter
) -> tuple[int, int]:
    """The seconds from StartTime to before EndTime. AWS's operations have two codes for none."""
    start, end = int(params["StartTime"].timestamp()), math.ceil(params["EndTime"].timestamp())
    if start >= end:
        raise refusal("The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def points_of(
    actor: Actor, metric: Mapping[str, Any], span: tuple[int, int], statistics: list[str]
) -> list[queries.Point]:
    """None where the metric was reported in another Unit than the one that is asked for."""
    (start, end), period = span, int(metric["Period"])
    if period not in _SHORT_PERIODS_S and period % 60:
        raise InvalidParameter("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    if (end - start) / period > _MOST_POINTS:
        raise InvalidParameter(f"The range has more than {_MOST_POINTS} periods of {period} s.")
    series, unit = _series(actor, metric), metric.get("Unit", "")
    return queries.points(*series, start, end, period, statistics, unit=unit)


def _unit_of(actor: Actor, metric: Mapping[str, Any]) -> str:
    found = queries.find_series(*_series(actor, metric))
    return "None" if found is None else found.unit


def _series(actor: Actor, metric: Mapping[str, Any]) -> tuple[str, str, str, str, dict[str, str]]:
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    return actor.account_id, actor.region, metric["Namespace"], metric["MetricName"], dimensions


def _datapoint(point: queries.Point, extended: set[str], unit: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "Timestamp": datetime.fromtimestamp(point.second, UTC),
        "Unit": unit,
        **{name: value for name, value in point.values.items() if name not in extended},
    }
    # Of a statistic set only its bounds are known: it has no percentiles.
    known = {name: point.values[name] for name in sorted(extended)}
    known = {name: value for name, value in known.items() if value is not None}
    return {**told, "ExtendedStatistics": known} if known else told


def _sample(actor: Actor, namespace: str, datum: Mapping[str, Any]) -> Sample:
    when: datetime | None = datum.get("Timestamp")
    spread, count = _spread(datum)
    _check(datum, spread, count)
    return Sample(
        account=actor.account_id,
        region=actor.region,
        namespace=namespace,
        name=datum["MetricName"],
        dimensions={each["Name"]: each["Value"] for each in datum.get("Dimensions", ())},
        second=int(when.timestamp() if when else time.time()),
        count=count,
        total=spread["Sum"],
        minimum=spread["Minimum"],
        maximum=spread["Maximum"],
        unit=datum.get("Unit", "None"),
        sketch=_sketch(datum),
    )


def _check(datum: Mapping[str, Any], spread: Mapping[str, float], count: int) -> None:
    """Raises InvalidParameter for what could not be kept, or not be found again."""
    name = datum["MetricName"]
    if not 1 <= count <= _MOST_SAMPLES:
        raise InvalidParameter(f"The metric {name} needs a count of samples that is at least 1.")
    if any(abs(value) > _LARGEST for value in spread.values()):
        raise InvalidParameter(f"Values of the metric {name} must be from -2^360 to 2^360.")
    if spread["Minimum"] > spread["Maximum"]:
        raise InvalidParameter(f"The Minimum of the metric {name} is above its Maximum.")
    age_s = time.time() - datum["Timestamp"].timestamp() if "Timestamp" in datum else 0.0
    if not -_LATEST_S <= age_s <= _EARLIEST_S:
        raise InvalidParameter(
            f"The Timestamp of the metric {name} must be at most two weeks in the past and two"
            " hours in the future."
        )
    dimensions = {each["Name"]: each["Value"] for each in datum.get("Dimensions", ())}
    if len(dimensions) < len(datum.get("Dimensions", ())):
        raise InvalidParameter(f"The metric {name} has two dimensions of one name.")
    if len(canonical(dimensions)) > LONGEST_DIMENSIONS:
        raise InvalidParameter(
            f"The dimensions of the metric {name} are longer than {LONGEST_DIMENSIONS} characters."
        )


def _spread(datum: Mapping[str, Any]) -> tuple[Mapping[str, float], int]:
    if "StatisticValues" in datum:
        told = datum["StatisticValues"]
        return told, int(told["SampleCount"])
    pairs = _values(datum)
    if not pairs:
        raise InvalidParameter("A metric datum needs a Value, Values or StatisticValues.")
    values = [value for value, _ in pairs]
    total = sum(value * times for value, times in pairs)
    spread = {"Sum": total, "Minimum": min(values), "Maximum": max(values)}
    return spread, sum(times for _, times in pairs)


def _values(datum: Mapping[str, Any]) -> list[tuple[float, int]]:
    if "Value" in datum:
        return [(datum["Value"], 1)]
    values = datum.get("Values", ())
    counts = [int(times) for times in datum.get("Counts") or [1] * len(values)]
    if len(counts) != len(values):
        raise InvalidParameter("Values and Counts must have the same length.")
    if any(times < 1 for times in counts):
        raise InvalidParameter("Counts must be at least 1.")
    return list(zip(values, counts, strict=True))


def _sketch(datum: Mapping[str, Any]) -> Sketch | None:
    if "StatisticValues" in datum:
        return None
    sketch = Sketch()
    for value, times in _values(datum):
        sketch.add(value, times)
    return sketch
