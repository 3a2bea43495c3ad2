"""The data of the samples: the breast-cancer set that scikit-learn carries, split once for all.

Rows are the label, then 30 features, without a header. The label is 1 for malignant: what a
screening wants to find (scikit-learn itself counts the other way round).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

_TEST_SHARE: Final = 0.35
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Split:
    train: NDArray[np.float64]
    test: NDArray[np.float64]


def split() -> Split:
    """The same rows on every machine: 369 to train with, 200 to test."""
    features, benign = load_breast_cancer(return_X_y=True)
    labels = 1 - benign
    table: NDArray[Any] = np.column_stack([labels, features])
    train, test = train_test_split(
        table, test_size=_TEST_SHARE, stratify=labels, random_state=_SEED
    )
    return Split(train, test)


def csv(table: NDArray[np.float64]) -> bytes:
    lines = (",".join(f"{value:.10g}" for value in row) for row in table)
    return "".join(f"{line}\n" for line in lines).encode()
