"""Each function as AWS's documentation describes it."""

import math

import pytest

from consoleapp.metrics.expressions.errors import BadExpression
from tests.consoleapp.metrics.expressions.sheets import listed, series, sheet, values

M: list[float | None] = [10, None, 40, 20, None]
N: list[float | None] = [30, 6, None, 20, None]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ABS(m - 25)", [15, None, 15, 5, None]),
        ("CEIL(m / 30)", [1, None, 2, 1, None]),
        ("FLOOR(m / 30)", [0, None, 1, 0, None]),
        ("LOG10(m * 10)", [2, None, pytest.approx(math.log10(400)), pytest.approx(2.30103), None]),
        ("LOG(m - 10)", [None, None, pytest.approx(math.log(30)), pytest.approx(2.302585), None]),
        ("DIFF(m)", [None, None, 30, -20, None]),
        ("DIFF_TIME(m)", [None, None, 120, 60, None]),
        ("RATE(m)", [None, None, 0.25, pytest.approx(-1 / 3), None]),
        ("RUNNING_SUM(m)", [10, None, 50, 70, None]),
        (
            "m / PERIOD(m)",
            [pytest.approx(1 / 6), None, pytest.approx(2 / 3), pytest.approx(1 / 3), None],
        ),
    ],
)
def test_of_a_series_each_point_is_changed(expression: str, expected: list[float | None]) -> None:
    assert values(expression, m=M) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [("SUM", 70), ("AVG", 70 / 3), ("MIN", 10), ("MAX", 40), ("DATAPOINT_COUNT", 3)],
)
def test_of_one_series_an_aggregate_is_a_scalar(function: str, expected: float) -> None:
    found = values(f"m * 0 + {function}(m)", m=M)
    assert found == [
        pytest.approx(expected),
        None,
        pytest.approx(expected),
        pytest.approx(expected),
        None,
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("SUM([m, n])", [40, 6, 40, 40, None]),
        # As documented, what is missing counts as 0 in an average of several.
        ("AVG([m, n])", [20, 3, 20, 20, None]),
        ("MIN(METRICS())", [10, 6, 40, 20, None]),
        ("MAX(METRICS())", [30, 6, 40, 20, None]),
        ("DATAPOINT_COUNT(METRICS())", [2, 1, 1, 2, None]),
        ("STDDEV([m, n])", [10, 0, 0, 0, None]),
        ("n / METRIC_COUNT(METRICS())", [15, 3, None, 10, None]),
    ],
)
def test_of_an_array_an_aggregate_is_a_series(
    expression: str, expected: list[float | None]
) -> None:
    assert values(expression, m=M, n=N) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("FILL(m, 7)", [10, 7, 40, 20, 7]),
        ("FILL(m, MIN(m))", [10, 10, 40, 20, 10]),
        ("FILL(m, n)", [10, 6, 40, 20, None]),
        ("FILL(m, REPEAT)", [10, 10, 40, 20, 20]),
        ("FILL(m, LINEAR)", [10, 25, 40, 20, None]),
        ("FILL(DIFF(m), REPEAT)", [None, None, 30, -20, -20]),
    ],
)
def test_gaps_are_filled(expression: str, expected: list[float | None]) -> None:
    assert values(expression, m=M, n=N) == expected


def test_a_metric_without_any_point_is_filled_too() -> None:
    assert values("FILL(m, 0)", m=[]) == [0] * 5


def test_a_scalar_becomes_a_series_without_gaps() -> None:
    assert values("TIME_SERIES(MAX(m))", m=M) == [40] * 5


def test_arrays_are_sorted_and_cut() -> None:
    def labels(expression: str) -> list[str]:
        rows = {"a": [1, 2], "b": [9], "c": [], "d": [4, 4]}
        return [one.label for one in sheet(expression, **rows).series_of("e1")]

    assert labels("SORT(METRICS(), AVG, DESC)") == ["b", "d", "a", "c"]
    assert labels("SORT(METRICS(), MIN, ASC, 2)") == ["a", "d"]
    assert labels("SLICE(SORT(METRICS(), SUM, DESC), 1, 3)") == ["d", "a"]
    assert labels("SLICE(METRICS(), 2)") == ["c", "d"]
    assert labels("REMOVE_EMPTY(METRICS())") == ["a", "b", "d"]
    assert labels("FIRST(SORT(METRICS(), MAX, DESC))") == ["b"]
    assert labels("LAST(METRICS())") == ["d"]


def test_an_array_without_series_comes_to_nothing() -> None:
    found = values('SUM(METRICS("none")) + m', m=M)
    assert found == M


def test_the_clock_is_told_for_every_period() -> None:
    assert values("MINUTE(m)", m=[]) == [0, 1, 2, 3, 4]
    # 1 January 1970 was a Thursday.
    for name, told in [("HOUR", 0), ("DAY", 4), ("DATE", 1), ("MONTH", 1), ("YEAR", 1970)]:
        assert values(f"{name}(m)", m=[]) == [told] * 5
    assert values("EPOCH(m)", m=[]) == [0, 60, 120, 180, 240]


@pytest.mark.parametrize(
    "expression",
    [
        "SUM()",
        "SUM(m, n)",
        "SUM(1)",
        "ABS(1)",
        "PERIOD(m + 1) * m",
        "SLICE(METRICS(), 0 - 1)",
        "SLICE(m, 1)",
        "METRIC_COUNT(m) * m",
        "SORT(METRICS(), MEDIAN, ASC)",
        "SORT(METRICS(), SUM)",
        "FILL(m)",
        "FILL(m, METRICS())",
        "TIME_SERIES(m)",
        "METRICS(m)",
        "MINUTE(METRICS())",
        "[m, 1]",
    ],
)
def test_wrong_arguments_are_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        sheet(expression, m=M, n=N).series_of("e1")


def test_series_in_an_array_keep_their_period() -> None:
    (one,) = sheet("SUM([m])", m=series([1, 2], 300)).series_of("e1")
    assert listed(one)[:2] == [1, 2]
    assert one.period_s == 300
