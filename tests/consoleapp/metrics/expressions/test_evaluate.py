"""Expressions of a request: from metrics, from each other, and within bounds."""

import tracemalloc

import pytest

from consoleapp.metrics.expressions import evaluate
from consoleapp.metrics.expressions.errors import BadExpression
from consoleapp.metrics.expressions.evaluate import Expression, Sheet
from consoleapp.metrics.expressions.values import Series, Timeline
from tests.consoleapp.metrics.expressions.sheets import listed, series, sheet, values

ONE, TWO = [1, 1, 0, 0, None], [30, None, 0, 0, 30]
THREE = [0, 0, 20, None, 20]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(a, b, c)", [30, 0, 20, None, None]),
        ("IF(a, 5, c)", [5, 5, 20, None, None]),
        ("IF(a, b, 5)", [30, 0, 5, 5, None]),
        ("IF(a, b)", [30, 0, None, None, None]),
        ("IF(a > 0, 10, 2)", [10, 10, 2, 2, None]),
        ("IF(1, b, c)", [30, None, 0, 0, 30]),
        ("IF(0, b, c)", [0, 0, 20, None, 20]),
        ("IF(0, b)", [None] * 5),
        ("IF(SUM(a) == 2, b, 1)", [30, None, 0, 0, 30]),
    ],
)
def test_if_chooses_as_the_documented_tables_do(
    expression: str, expected: list[float | None]
) -> None:
    assert values(expression, a=ONE, b=TWO, c=THREE) == expected


def test_expressions_use_each_other_in_any_order() -> None:
    found = Sheet(
        {"m1": series([1, 2])},
        {"e2": Expression("e1 * 2"), "e1": Expression("m1 + 1")},
        Timeline(0, 120),
    )
    assert listed(found.series_of("e2")[0])[:2] == [4, 6]


def test_metrics_are_chosen_by_their_ids_and_leave_expressions_out() -> None:
    found = Sheet(
        {"errors4xx": series([1]), "errors5xx": series([2]), "calls": series([10])},
        {"e1": Expression('SUM(METRICS("errors")) / calls'), "all": Expression("METRICS()")},
        Timeline(0, 60),
    )
    assert listed(found.series_of("e1")[0])[0] == pytest.approx(0.3)
    assert len(found.series_of("all")) == 3


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("m2 * 2", "Undefined variable 'm2'"),
        ("e1 + m", "depends on itself"),
        ("AVG(m)", "results in a scalar"),
        ("5", "results in a scalar"),
        ("SEARCH('x', 'Sum', 60)", "Function 'SEARCH' not found"),
        ("sum(m)", "Function 'sum' not found"),
        ('"m"', "Unexpected"),
        ("IF(METRICS(), 1, 0)", "not arrays"),
        ("IF(1, 2, 3)", "needs a time series"),
        ("IF(m)", "IF takes"),
    ],
)
def test_what_has_no_value_says_why(expression: str, told: str) -> None:
    with pytest.raises(BadExpression, match=told):
        sheet(expression, m=ONE).series_of("e1")


def test_a_chain_of_expressions_has_an_end() -> None:
    names = {f"e{n}": Expression(f"-e{n + 1}") for n in range(400)}
    with pytest.raises(BadExpression, match="nested too deeply"):
        Sheet({"e400": series([1])}, names, Timeline(0, 60)).series_of("e0")


def test_the_deepest_that_is_allowed_stays_within_python_s_own_limit() -> None:
    inner = "(" * 29 + "m" + ")" * 29
    names = {f"e{n}": Expression(f"SUM([e{n + 1}])") for n in range(12)}
    rows = Sheet({"m": series([7])}, {**names, "e12": Expression(inner)}, Timeline(0, 60))
    assert listed(rows.series_of("e0")[0])[0] == 7


def test_arrays_cannot_multiply_without_end() -> None:
    names = {
        "e1": Expression("[" + ",".join(["m"] * 400) + "]"),
        "e2": Expression("[e1, e1]"),
    }
    with pytest.raises(BadExpression, match="at most 500"):
        Sheet({"m": series([1])}, names, Timeline(0, 60)).series_of("e2")


def test_a_range_and_a_request_have_a_most_of_points() -> None:
    long = Timeline(0, 60 * 100_000)
    metrics = {"m": Series({}, 60, metric=True)}
    with pytest.raises(BadExpression, match="more than 100800 periods of 1 s"):
        Sheet(metrics, {"e1": Expression("TIME_SERIES(1)", 1)}, long).series_of("e1")
    big = "[" + ",".join(["TIME_SERIES(1)"] * 60) + "]"
    with pytest.raises(BadExpression, match="too many data points"):
        Sheet(metrics, {"e1": Expression(big)}, long).series_of("e1")


def test_points_that_would_be_too_many_are_never_made() -> None:
    metrics = {f"m{n}": Series({}, 1, metric=True) for n in range(100)}
    found = Sheet(metrics, {"e1": Expression("FILL(METRICS(), 0)")}, Timeline(0, 100_000))
    tracemalloc.start()
    try:
        with pytest.raises(BadExpression, match="too many data points"):
            found.series_of("e1")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_every_step_of_a_chain_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MOST_POINTS", 50)
    assert values("m" + " * 1" * 8, m=ONE)[0] == 1
    with pytest.raises(BadExpression, match="too many data points"):
        values("m" + " * 1" * 20, m=ONE)


def test_the_first_years_have_no_periods() -> None:
    rows = Sheet(
        {"m": Series({}, 86_400, metric=True)},
        {"e1": Expression("YEAR(m)"), "e2": Expression("FILL(m, 0)")},
        Timeline(-62_135_596_800, 86_400 * 2),
    )
    assert rows.series_of("e1")[0].points == {0: 1970, 86_400: 1970}
    assert list(rows.series_of("e2")[0].points) == [0, 86_400]


def test_an_alarm_s_periods_need_not_begin_at_round_times() -> None:
    found = Sheet(
        {"m": Series({7: 1.0}, 60, metric=True)},
        {"e1": Expression("FILL(m, 0)")},
        Timeline(7, 127, phase=7),
    )
    assert found.series_of("e1")[0].points == {7: 1.0, 67: 0.0}
