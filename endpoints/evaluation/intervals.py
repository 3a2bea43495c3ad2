"""Confidence intervals: Wilson's for proportions, and what follows from it for F1. Pure.

docs/evaluation.md says which is used where, and why.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
#: 1.959964: two-sided, of CONFIDENCE.
Z: Final = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval. None where the rows cannot tell."""

    value: float | None
    low: float | None = None
    high: float | None = None


UNKNOWN: Final = Estimate(None)


def wilson(successes: int, trials: int, z: float = Z) -> Estimate:
    """Wilson's score interval: holds near 0 and 1 and with few rows, where Wald's does not."""
    if trials == 0:
        return UNKNOWN
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    # The bounds touch the ends exactly there; floating point would miss by a hair.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return Estimate(share, low, high)


def f1(true_positives: int, false_positives: int, false_negatives: int) -> Estimate:
    """F1 = 2J / (1 + J) of the Jaccard index J = TP / (TP + FP + FN), which is a proportion.

    The transform is monotone, so Wilson's bounds of J become bounds of F1.
    """
    jaccard = wilson(true_positives, true_positives + false_positives + false_negatives)
    return Estimate(*(None if j is None else 2 * j / (1 + j) for j in _parts(jaccard)))


def logit(value: float, variance: float, z: float = Z) -> Estimate:
    """Around a value between 0 and 1 by its variance, on the logit scale: never leaves 0 to 1."""
    centre = math.log(value / (1 - value))
    half = z * math.sqrt(variance) / (value * (1 - value))
    return Estimate(value, _expit(centre - half), _expit(centre + half))


def auc_score(value: float, positives: int, negatives: int, z: float = Z) -> Estimate:
    """The score interval of Newcombe (2006, method 5), for an AUC whose sample variance is 0."""
    return Estimate(
        value,
        _bound(value, 0.0, positives, negatives, z) if value > 0 else 0.0,
        _bound(value, 1.0, positives, negatives, z) if value < 1 else 1.0,
    )


def _bound(value: float, end: float, positives: int, negatives: int, z: float) -> float:
    """Between `end` (excluded) and `value` (included): where the distance is z deviations."""
    outside, inside = end, value
    for _ in range(80):
        middle = (outside + inside) / 2
        far = abs(value - middle) > z * math.sqrt(_variance(middle, positives, negatives))
        outside, inside = (middle, inside) if far else (outside, middle)
    return inside


def _variance(auc: float, positives: int, negatives: int) -> float:
    size = (positives + negatives) / 2 - 1
    spread = (1 - auc) / (2 - auc) + auc / (1 + auc)
    return auc * (1 - auc) * (1 + size * spread) / (positives * negatives)


def _expit(value: float) -> float:
    # The form that does not overflow, on each side of 0.
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value))


def _parts(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.value, estimate.low, estimate.high
