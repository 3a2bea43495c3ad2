"""Figures of one variant against scikit-learn's own and against counts made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from endpoints.evaluation import quality
from endpoints.evaluation.quality import Confusion

POSITIVES = np.array([True, True, True, False, False, False, False])
SCORES = np.array([0.9, 0.5, 0.2, 0.6, 0.4, 0.1, 0.1])


def test_rows_are_counted_by_what_they_are_and_what_they_were_called() -> None:
    found = quality.measure(POSITIVES, SCORES, 0.5)
    assert found.confusion == Confusion(
        true_negatives=3, false_positives=1, false_negatives=1, true_positives=2
    )
    assert found.accuracy.value == pytest.approx(5 / 7)
    assert found.precision.value == pytest.approx(2 / 3)
    assert found.recall.value == pytest.approx(2 / 3)
    assert found.f1.value == pytest.approx(2 / 3)
    # 12 pairs: 0.9 beats 4, 0.5 beats 3, 0.2 beats 2.
    assert found.auc.value == pytest.approx(9 / 12)
    assert not found.labels_only


def test_the_threshold_itself_counts_as_positive() -> None:
    assert quality.called_positive(np.array([0.49, 0.5, 0.51]), 0.5).tolist() == [False, True, True]


rows = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1, allow_nan=False)), min_size=4, max_size=80
).filter(lambda found: 2 <= sum(p for p, _ in found) <= len(found) - 2)


@given(rows, st.floats(0.05, 0.95))
def test_all_figures_are_those_of_scikit_learn(
    found: list[tuple[bool, float]], threshold: float
) -> None:
    positives = np.array([p for p, _ in found])
    scores = np.array([s for _, s in found])
    called = scores >= threshold
    measured = quality.measure(positives, scores, threshold)
    assert measured.accuracy.value == pytest.approx(metrics.accuracy_score(positives, called))
    assert measured.recall.value == pytest.approx(metrics.recall_score(positives, called))
    assert measured.auc.value == pytest.approx(metrics.roc_auc_score(positives, scores))
    if called.any():
        assert measured.precision.value == pytest.approx(metrics.precision_score(positives, called))
    assert measured.f1.value == pytest.approx(metrics.f1_score(positives, called))
    for estimate in (measured.accuracy, measured.recall, measured.f1, measured.auc):
        assert estimate.low - 1e-9 <= estimate.value <= estimate.high + 1e-9


def test_what_the_rows_cannot_tell_is_unknown_and_not_zero() -> None:
    none_called = quality.measure(POSITIVES, SCORES, 2.0)
    assert none_called.precision.value is None
    assert none_called.recall.value == 0.0
    one_class = quality.measure(np.array([True, True]), np.array([0.9, 0.1]), 0.5)
    assert one_class.auc.value is None
    assert one_class.curve == []


def test_a_perfect_variant_has_an_interval_below_one() -> None:
    found = quality.measure(POSITIVES, np.where(POSITIVES, 1.0, 0.0), 0.5)
    assert found.auc.value == found.auc.high == 1.0
    assert found.auc.low < 1.0
    assert found.labels_only


def test_a_curve_starts_at_nothing_found_and_ends_at_everything_called() -> None:
    random = np.random.default_rng(5)
    positives = random.random(5000) < 0.5
    curve = quality.measure(positives, random.normal(positives, 1), 0.5).curve
    assert len(curve) <= quality.CURVE_POINTS
    assert curve[0] == (0.0, 0.0, None)
    assert curve[-1][:2] == (1.0, 1.0)
    assert [point[:2] for point in curve] == sorted(point[:2] for point in curve)


def test_the_interval_of_the_area_covers_the_truth_about_as_often_as_it_says() -> None:
    """300 test sets of a model whose area is known: Phi(d / sqrt 2)."""
    random, covered = np.random.default_rng(7), 0
    truth = 0.8413447  # d = sqrt 2
    for _ in range(300):
        positives = np.arange(120) < 40
        scores = random.normal(positives * np.sqrt(2), 1)
        area = quality.measure(positives, scores, 0.5).auc
        covered += area.low <= truth <= area.high
    # Binomial(300, 0.95): 272 to 297 in 999 of 1000, and the seed is fixed.
    assert 272 <= covered <= 297
