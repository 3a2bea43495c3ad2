"""An alarm on an expression: what is refused, and what it sees."""

from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import alarm_metrics
from consoleapp.metrics.evaluation import SETTLED_AFTER_S, evaluate_all
from consoleapp.metrics.metric_queries import BadQuery
from tests.consoleapp.metrics.alarm_specs import make_alarm
from tests.consoleapp.metrics.samples import ACCOUNT, REGION, make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

NOW = 1_763_640_007
END = NOW - SETTLED_AFTER_S
OWNER = (ACCOUNT, REGION)


def metric(name: str, of: str, period_s: int = 60, **changes: Any) -> dict[str, Any]:
    stat = {"Metric": {"Namespace": "Tests", "MetricName": of}, "Period": period_s, "Stat": "Sum"}
    return {"Id": name, "MetricStat": stat, "ReturnData": False, **changes}


RATE = [
    {"Id": "rate", "Expression": "100 * errors / calls", "Label": "Error rate"},
    metric("errors", "Errors"),
    metric("calls", "Calls"),
]
UNWATCHED = {"namespace": "", "metric_name": "", "statistic": "", "dimensions": {}}


def fill(name: str, per_minute: list[float | None]) -> None:
    """One sample in each of the last minutes before the look, oldest first."""
    store(
        *(
            make_sample(
                [value],
                second=END - 60 * (len(per_minute) - n),
                name=name,
                namespace="Tests",
                dimensions={},
            )
            for n, value in enumerate(per_minute)
            if value is not None
        )
    )


def test_an_alarm_follows_its_expression(actor: Actor) -> None:
    alarm = make_alarm(
        actor, "rate", metrics=RATE, **UNWATCHED, period_s=60, threshold=5.0, evaluation_periods=2
    )
    fill("Calls", [100, 100, 100, 200])
    fill("Errors", [None, 1, 10, 20])
    assert alarm_metrics.windows(OWNER, RATE, end=END, count=4) == [0, 1, 10, 10]
    assert evaluate_all(NOW) == 1
    alarm.refresh_from_db()
    assert alarm.state == "ALARM"
    assert "2 datapoints [10, 10] were greater than the threshold (5)" in alarm.state_reason


def test_a_metric_of_an_expression_is_read_in_its_unit_alone(actor: Actor) -> None:
    fill("Calls", [100, 200])
    for unit, seen in (("Microseconds", [100, 200]), ("Count", [None, None])):
        asked = metric("calls", "Calls", ReturnData=True)
        asked["MetricStat"]["Unit"] = unit
        assert alarm_metrics.windows(OWNER, [asked], end=END, count=2) == seen
        shown = alarm_metrics.points(OWNER, [asked], END - 600, END)
        assert sum(shown.values()) == sum(value or 0 for value in seen)


def test_what_an_expression_cannot_say_is_missing_data(actor: Actor) -> None:
    alarm = make_alarm(actor, "rate", metrics=RATE, **UNWATCHED, period_s=60, threshold=5.0)
    # Without calls there is no rate: a division by zero makes no data point.
    fill("Errors", [1, 1, 1, 1])
    assert alarm_metrics.windows(OWNER, RATE, end=END, count=2) == [None, None]
    evaluate_all(NOW)
    alarm.refresh_from_db()
    assert alarm.state == "INSUFFICIENT_DATA"


def test_a_graph_shows_the_expression_at_round_times(actor: Actor) -> None:
    fill("Calls", [100, 100])
    fill("Errors", [1, 2])
    found = alarm_metrics.points(OWNER, RATE, END - 120, END)
    assert sorted(found.values()) == [1, 2]
    assert all(second % 60 == 0 for second in found)


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ([metric("a", "A"), metric("b", "B")], "Exactly one element"),
        ([metric("a", "A", ReturnData=True), {"Id": "e", "Expression": "a"}], "Exactly one"),
        ([metric("a", "A"), metric("b", "B", 300), {"Id": "e", "Expression": "a"}], "same period"),
        ([{"Id": "e", "Expression": "TIME_SERIES(1)"}], "same period"),
        ([metric("a", "A"), {"Id": "e", "Expression": "z"}], "Undefined variable 'z'"),
        ([metric("a", "A"), {"Id": "e", "Expression": "AVG(a)"}], "scalar"),
        (
            [metric("a", "A"), metric("b", "B"), {"Id": "e", "Expression": "METRICS()"}],
            "multi time",
        ),
        (
            [metric(f"m{n}", "A") for n in range(11)] + [{"Id": "e", "Expression": "m1"}],
            "10 metrics",
        ),
    ],
)
def test_what_comes_to_no_single_series_is_refused(metrics: list[Any], told: str) -> None:
    with pytest.raises(BadQuery, match=told):
        alarm_metrics.check(metrics)


def test_what_comes_to_several_series_only_with_data_is_refused_then(actor: Actor) -> None:
    several = "SORT(METRICS(), MAX, DESC, 1 + DATAPOINT_COUNT(b))"
    metrics = [metric("a", "A"), metric("b", "B"), {"Id": "e", "Expression": several}]
    alarm_metrics.check(metrics)
    fill("A", [1])
    fill("B", [1])
    with pytest.raises(BadQuery, match="multi time series"):
        alarm_metrics.points(OWNER, metrics, END - 120, END)


def test_an_expression_of_no_metric_needs_a_period() -> None:
    alarm_metrics.check([{"Id": "e", "Expression": "TIME_SERIES(1)", "Period": 60}])
    alarm_metrics.check([metric("a", "A", ReturnData=True)])


def test_people_are_told_the_label_or_the_expression() -> None:
    assert alarm_metrics.label_of(RATE) == "Error rate"
    assert alarm_metrics.label_of([{"Id": "e", "Expression": "a * 2"}]) == "a * 2"
    assert alarm_metrics.label_of([metric("a", "Calls", ReturnData=True)]) == "Calls"
