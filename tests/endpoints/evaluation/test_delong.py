"""DeLong's covariance against its definition by pairs, and midranks against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from endpoints.evaluation import delong


def by_definition(positives: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every positive against every negative: O(m n), straight from the paper."""
    placements = []
    for row in scores:
        x, y = row[positives][:, None], row[~positives][None, :]
        psi = (x > y) + 0.5 * (x == y)
        placements.append((psi.mean(axis=1), psi.mean(axis=0)))
    v10 = np.stack([a for a, _ in placements])
    v01 = np.stack([b for _, b in placements])
    covariance = np.cov(v10) / v10.shape[1] + np.cov(v01) / v01.shape[1]
    return v10.mean(axis=1), np.atleast_2d(covariance)


@pytest.mark.parametrize("decimals", [1, 6])
def test_it_is_what_the_definition_gives_with_and_without_ties(decimals: int) -> None:
    random = np.random.default_rng(1)
    positives = random.random(120) < 0.3
    scores = np.stack([random.normal(positives * shift, 1) for shift in (0.5, 1.0, 2.0)])
    scores = scores.round(decimals)
    found = delong.areas(positives, scores)
    area, covariance = by_definition(positives, scores)
    assert found.auc == pytest.approx(area)
    assert found.covariance == pytest.approx(covariance)
    assert found.auc == pytest.approx([roc_auc_score(positives, row) for row in scores])


def test_a_case_small_enough_to_do_by_hand() -> None:
    # Positives 3, 1; negatives 2, 0. Placements: 3 beats both, 1 beats one; 2 loses to one of
    # two, 0 to both. AUC 3/4; variances of (1, 1/2) and of (1/2, 1) are 1/8 each.
    positives = np.array([True, True, False, False])
    found = delong.areas(positives, np.array([[3.0, 1.0, 2.0, 0.0]]))
    assert found.auc[0] == 0.75
    assert found.covariance[0, 0] == pytest.approx(1 / 8 / 2 + 1 / 8 / 2)


def test_one_row_of_a_class_has_no_variance() -> None:
    with pytest.raises(ValueError, match="two rows of each class"):
        delong.areas(np.array([True, False, False]), np.array([[1.0, 0.0, 0.5]]))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
def test_equal_values_share_the_mean_of_their_ranks(values: list[int]) -> None:
    assert delong.midranks(np.array(values, dtype=float)) == pytest.approx(rankdata(values))
