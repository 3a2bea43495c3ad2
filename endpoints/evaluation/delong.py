"""DeLong's covariance of ROC AUCs measured on the same rows, by midranks. Pure.

DeLong, DeLong and Clarke-Pearson (1988), in the O(n log n) form of Sun and Xu (2014).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Areas:
    """One AUC for each row of scores, and how they vary together."""

    auc: Floats
    covariance: Floats


def areas(positives: Flags, scores: Floats) -> Areas:
    """`scores`: models x rows. Needs two rows of each class; raises ValueError otherwise."""
    positive, negative = scores[:, positives], scores[:, ~positives]
    m, n = positive.shape[1], negative.shape[1]
    if m < 2 or n < 2:
        raise ValueError("DeLong's variance needs two rows of each class")
    within_positive = _each(midranks, positive)
    within_negative = _each(midranks, negative)
    over_all = _each(midranks, np.concatenate([positive, negative], axis=1))
    # How often a positive row outscores the negatives, and a negative is outscored.
    of_positive = (over_all[:, :m] - within_positive) / n
    of_negative = 1.0 - (over_all[:, m:] - within_negative) / m
    covariance = np.atleast_2d(np.cov(of_positive)) / m + np.atleast_2d(np.cov(of_negative)) / n
    return Areas(of_positive.mean(axis=1), covariance)


def midranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[inverse]
    return ranks


def _each(function: Any, rows: Floats) -> Floats:
    return np.stack([function(row) for row in rows])
