"""Operators between series, scalars and arrays: the tables of AWS's documentation."""

import pytest

from consoleapp.metrics.expressions.errors import BadExpression
from tests.consoleapp.metrics.expressions.sheets import listed, series, sheet, values

A, B = [30, 20, 0, 0], [20, None, 20, None]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a < b", [0, 0, 1, 0, None]),
        ("a >= 30", [1, 0, 0, 0, None]),
        ("a > 15 AND b > 15", [1, 0, 0, 0, None]),
        ("a > 15 || b > 15", [1, 1, 1, 0, None]),
        ("a == 0", [0, 0, 1, 1, None]),
        ("a != b", [1, 1, 1, 0, None]),
    ],
)
def test_comparisons_give_zero_or_one(expression: str, expected: list[float | None]) -> None:
    assert values(expression, a=A, b=B) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", [50, 20, 20, 0, None]),
        ("a - 5*2", [20, 10, -10, -10, None]),
        ("2^3 - a/10", [5, 6, 8, 8, None]),
        ("-a", [-30, -20, 0, 0, None]),
        ("a ^ 2", [900, 400, 0, 0, None]),
    ],
)
def test_what_only_one_series_has_counts_as_zero_in_the_other(
    expression: str, expected: list[float | None]
) -> None:
    assert values(expression, a=A, b=B) == expected


def test_a_division_by_zero_makes_no_point() -> None:
    assert values("b / a", a=A, b=B) == [pytest.approx(20 / 30), 0, None, None, None]
    assert values("a / (1 - 1)", a=A) == [None] * 5


def test_what_is_no_real_number_makes_no_point() -> None:
    assert values("(0-a) ^ 0.5", a=[4, 0]) == [None, 0, None, None, None]
    assert values("a ^ 1000", a=[1e200, 1]) == [None, 1, None, None, None]


def test_an_array_is_computed_series_by_series() -> None:
    found = sheet("[a, b] / 10 * c", a=[10], b=[20], c=[3]).series_of("e1")
    assert [(one.label, listed(one)[0]) for one in found] == [("a", 3), ("b", 6)]
    found = sheet("100 / METRICS()", a=[10], b=[20]).series_of("e1")
    assert [(one.label, listed(one)[0]) for one in found] == [("a", 10), ("b", 5)]


def test_two_arrays_have_no_operator() -> None:
    with pytest.raises(BadExpression, match="Unsupported operand type"):
        sheet("METRICS() + METRICS()", a=A).series_of("e1")


def test_series_of_different_periods_are_not_mixed() -> None:
    with pytest.raises(BadExpression, match=r"different periods \(60, 300 seconds\)"):
        sheet("a + b", a=A, b=series(A, 300)).series_of("e1")
    assert values("a * SUM(b)", a=[1], b=series([2, 3], 300)) == [5, None, None, None, None]
