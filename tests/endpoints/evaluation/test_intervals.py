"""Intervals against published and hand-computed values, and what must hold for all of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from endpoints.evaluation import intervals


def test_wilson_gives_the_values_of_the_textbook_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3: 81/263, 15/148, 0/20.
    for successes, trials, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)):
        found = intervals.wilson(successes, trials)
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)
    assert intervals.wilson(0, 20).low == 0.0
    assert intervals.wilson(0, 20).high == pytest.approx(0.1611, abs=5e-5)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy_and_holds_its_share(counts: tuple[int, int]) -> None:
    successes, trials = counts
    found = intervals.wilson(successes, trials)
    theirs = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert found.low == pytest.approx(theirs.low, abs=1e-9)
    assert found.high == pytest.approx(theirs.high, abs=1e-9)
    assert found.low <= found.value <= found.high


def test_nothing_is_known_of_no_trials() -> None:
    assert intervals.wilson(0, 0) == intervals.UNKNOWN
    assert intervals.f1(0, 0, 0).value is None


def test_the_interval_of_f1_is_that_of_the_jaccard_index_transformed() -> None:
    found = intervals.f1(8, 2, 1)
    assert found.value == pytest.approx(2 * 8 / (2 * 8 + 2 + 1))
    low, high = binomtest(8, 11).proportion_ci(0.95, method="wilson")
    assert found.low == pytest.approx(2 * low / (1 + low))
    assert found.high == pytest.approx(2 * high / (1 + high))


def test_the_logit_interval_is_symmetric_on_its_scale_and_stays_inside() -> None:
    found = intervals.logit(0.98, 0.01**2)

    def logit(p: float) -> float:
        return math.log(p / (1 - p))

    assert logit(0.98) - logit(found.low) == pytest.approx(logit(found.high) - logit(0.98))
    # By hand: 1.96 * 0.01 / (0.98 * 0.02) = 1.0 on the logit scale.
    assert logit(found.high) == pytest.approx(logit(0.98) + norm.ppf(0.975) / 1.96, abs=1e-3)
    extreme = intervals.logit(0.9999, 0.5)
    assert 0 <= extreme.low <= extreme.high <= 1


@given(st.integers(2, 300), st.integers(2, 300))
def test_a_perfect_area_still_has_a_lower_bound_that_rises_with_the_rows(m: int, n: int) -> None:
    found = intervals.auc_score(1.0, m, n)
    assert found.high == 1.0
    assert 0 < found.low < 1.0
    assert intervals.auc_score(1.0, 2 * m, 2 * n).low > found.low
    mirrored = intervals.auc_score(0.0, m, n)
    assert mirrored.low == 0.0
    assert mirrored.high == pytest.approx(1 - found.low, abs=1e-9)
