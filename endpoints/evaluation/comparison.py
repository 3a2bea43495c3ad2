"""Every pair of variants tested on the rows that all of them answered. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Self

from endpoints.evaluation import significance
from endpoints.evaluation.delong import Flags, Floats
from endpoints.evaluation.quality import called_positive


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of a pair: first minus second, the p-value, and it adjusted for all pairs."""

    difference: float
    p: float | None
    adjusted_p: float | None

    @property
    def significant(self) -> bool:
        return self.adjusted_p is not None and self.adjusted_p < significance.ALPHA

    def turned(self) -> Self:
        return type(self)(-self.difference, self.p, self.adjusted_p)


@dataclass(frozen=True, slots=True)
class Pair:
    first: str
    second: str
    accuracy: Compared
    auc: Compared

    def seen_from(self, name: str) -> "Pair":
        """The same pair with `name` first."""
        if name == self.first:
            return self
        return Pair(self.second, self.first, self.accuracy.turned(), self.auc.turned())


def pairs(positives: Flags, scores: Mapping[str, Floats], threshold: float) -> list[Pair]:
    """McNemar's exact test of accuracy and DeLong's of AUC, each family adjusted by Holm."""
    right = {
        name: called_positive(values, threshold) == positives for name, values in scores.items()
    }
    named = list(combinations(scores, 2))
    accuracy = [significance.mcnemar(right[one], right[two]) for one, two in named]
    auc = [significance.auc(positives, scores[one], scores[two]) for one, two in named]
    return [
        Pair(one, two, a, b)
        for (one, two), a, b in zip(named, _adjusted(accuracy), _adjusted(auc), strict=True)
    ]


def _adjusted(tests: list[significance.Test]) -> list[Compared]:
    holm = significance.holm([test.p for test in tests])
    return [
        Compared(test.difference, test.p, adjusted)
        for test, adjusted in zip(tests, holm, strict=True)
    ]
