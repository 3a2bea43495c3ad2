"""Whether two variants differ on the same rows: McNemar's exact test, DeLong's test, Holm. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from endpoints.evaluation import delong
from endpoints.evaluation.delong import Flags, Floats

ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True)
class Test:
    """`difference` is first minus second; `p` is two-sided, None where no test can be made."""

    __test__ = False  # not one of pytest's

    difference: float
    p: float | None


def mcnemar(first_right: Flags, second_right: Flags) -> Test:
    """Exact: under equal accuracy, a row that one alone gets right is either's with 1/2."""
    first_only = int(np.sum(first_right & ~second_right))
    second_only = int(np.sum(second_right & ~first_right))
    difference = (first_only - second_only) / len(first_right)
    return Test(difference, _two_sided_binomial(first_only, second_only))


def auc(positives: Flags, first: Floats, second: Floats) -> Test:
    """DeLong's test of equal AUC for correlated curves."""
    try:
        found = delong.areas(positives, np.stack([first, second]))
    except ValueError:
        return Test(0.0, None)
    difference = float(found.auc[0] - found.auc[1])
    (a, c), (_, b) = found.covariance
    variance = float(a + b - 2 * c)
    if variance <= 1e-18:
        # Equal curves differ by nothing, for sure; unequal ones without variance cannot be tested.
        return Test(difference, 1.0 if abs(difference) < 1e-12 else None)
    return Test(difference, _two_sided_normal(difference / math.sqrt(variance)))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """P-values adjusted for being several: the family is wrong in one of twenty at most."""
    known = sorted((p, i) for i, p in enumerate(values) if p is not None)
    adjusted: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (p, index) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        adjusted[index] = largest
    return adjusted


def _two_sided_binomial(one: int, other: int) -> float:
    """2 P(X <= the smaller) for X of one + other fair coins, at most 1."""
    coins, fewer = one + other, min(one, other)
    halved = coins * math.log(2)
    total = math.fsum(
        math.exp(math.lgamma(coins + 1) - math.lgamma(k + 1) - math.lgamma(coins - k + 1) - halved)
        for k in range(fewer + 1)
    )
    return min(1.0, 2 * total)


def _two_sided_normal(z: float) -> float:
    return 2 * NormalDist().cdf(-abs(z))
