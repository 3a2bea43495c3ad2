"""Tests between variants against scipy, hand-computed cases, and simulation under no difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from endpoints.evaluation import significance


def right(both: int, first: int, second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    one = np.array([True] * (both + first) + [False] * (second + neither))
    two = np.array([True] * both + [False] * first + [True] * second + [False] * neither)
    return one, two


def test_mcnemar_by_hand() -> None:
    # 1 against 6 of 7 discordant rows: 2 * (1 + 7) / 2**7 = 0.125.
    found = significance.mcnemar(*right(80, 1, 6, 13))
    assert found.p == pytest.approx(0.125)
    assert found.difference == pytest.approx(-0.05)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_binomial_test_of_the_discordant_rows(first: int, second: int) -> None:
    found = significance.mcnemar(*right(3, first, second, 2))
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert found.p == pytest.approx(expected, rel=1e-8)


def test_variants_that_are_right_on_the_same_rows_do_not_differ() -> None:
    assert significance.mcnemar(*right(5, 0, 0, 5)) == significance.Test(0.0, 1.0)


def test_equal_curves_differ_by_nothing_and_a_single_row_cannot_tell() -> None:
    positives = np.array([True, True, False, False])
    scores = np.array([0.9, 0.4, 0.5, 0.1])
    assert significance.auc(positives, scores, scores).p == 1.0
    assert significance.auc(positives[1:], scores[1:], scores[1:]).p is None


def test_two_perfectly_apart_curves_without_variance_cannot_be_tested() -> None:
    positives = np.array([True, True, False, False])
    found = significance.auc(positives, np.array([3.0, 4, 1, 2]), np.array([1.0, 2, 3, 4]))
    assert found.difference == 1.0
    assert found.p is None


def test_turning_the_pair_turns_the_difference_and_keeps_p() -> None:
    random = np.random.default_rng(3)
    positives = random.random(200) < 0.5
    one, two = random.normal(positives, 1), random.normal(positives * 1.5, 1)
    forth, back = significance.auc(positives, one, two), significance.auc(positives, two, one)
    assert forth.p == pytest.approx(back.p)
    assert forth.difference == pytest.approx(-back.difference)


def test_delong_errs_about_as_often_as_it_says_when_nothing_differs() -> None:
    """400 pairs of equally good, correlated scores: p < 0.05 about 20 times."""
    random = np.random.default_rng(11)
    below = 0
    for _ in range(400):
        positives = random.random(120) < 0.4
        shared = random.normal(positives * 1.2, 1)
        one, two = (shared + random.normal(0, 0.7, 120) for _ in range(2))
        p = significance.auc(positives, one, two).p
        assert p is not None
        below += p < significance.ALPHA
    # Binomial(400, 0.05): outside 8 to 34 less than once in a thousand, and the seed is fixed.
    assert 8 <= below <= 34


def test_holm_by_hand_keeps_the_order_and_the_unknown() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1, never falling.
    found = significance.holm([0.04, None, 0.01, 0.03, 0.02])
    assert found == [pytest.approx(0.06), None, pytest.approx(0.04), 0.06, pytest.approx(0.06)]
    assert significance.holm([0.9, 0.8]) == [1.0, 1.0]
    assert significance.holm([0.03]) == [0.03]
