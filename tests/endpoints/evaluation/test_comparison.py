"""Pairs of variants: each tested by both tests, adjusted for how many pairs there are."""

import numpy as np
import pytest

from endpoints.evaluation import comparison, significance
from endpoints.evaluation.comparison import Compared

RANDOM = np.random.default_rng(2)
POSITIVES = np.arange(200) < 80
SCORES = {
    name: RANDOM.normal(POSITIVES * shift, 1) for name, shift in (("a", 1), ("b", 1.1), ("c", 3))
}


def test_two_variants_are_one_pair_and_nothing_is_adjusted() -> None:
    (pair,) = comparison.pairs(POSITIVES, {k: SCORES[k] for k in "ac"}, 0.5)
    assert (pair.first, pair.second) == ("a", "c")
    assert pair.accuracy.p == pair.accuracy.adjusted_p
    expected = significance.auc(POSITIVES, SCORES["a"], SCORES["c"])
    assert pair.auc == Compared(expected.difference, expected.p, expected.p)


def test_three_variants_are_three_pairs_whose_p_values_pay_for_it() -> None:
    pairs = comparison.pairs(POSITIVES, SCORES, 0.5)
    assert [(pair.first, pair.second) for pair in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    for figure in ("accuracy", "auc"):
        raw = [getattr(pair, figure).p for pair in pairs]
        assert [getattr(pair, figure).adjusted_p for pair in pairs] == significance.holm(raw)


def test_a_pair_seen_from_its_other_end_has_the_opposite_differences() -> None:
    (pair,) = comparison.pairs(POSITIVES, {k: SCORES[k] for k in "ac"}, 0.5)
    turned = pair.seen_from("c")
    assert (turned.first, turned.second) == ("c", "a")
    assert turned.auc.difference == pytest.approx(-pair.auc.difference)
    assert turned.auc.p == pair.auc.p
    assert pair.seen_from("a") is pair


def test_without_a_p_value_nothing_is_significant() -> None:
    assert not Compared(0.9, None, None).significant
    assert Compared(0.9, 0.01, 0.04).significant
    assert not Compared(0.9, 0.01, 0.05).significant
