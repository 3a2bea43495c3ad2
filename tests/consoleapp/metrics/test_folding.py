import numpy as np
import pytest

from consoleapp.metrics.folding import Folded
from consoleapp.metrics.sketch import Sketch


def one_by_one(values: list[float]) -> Sketch:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    return sketch


def test_a_batch_lands_where_each_value_would_alone() -> None:
    values = [0.3, 1.0, 17.5, 17.6, 950.0, 2e6, 7e9]
    folded = Folded()
    folded.add(np.array(values))
    assert folded.sketch().buckets == one_by_one(values).buckets
    assert (folded.count, folded.minimum, folded.maximum) == (7, 0.3, 7e9)
    assert folded.total == pytest.approx(sum(values))


def test_batches_add_up() -> None:
    folded = Folded()
    folded.add(np.array([5.0, 6.0]))
    folded.add(np.array([5.0]))
    assert folded.sketch().buckets == one_by_one([5.0, 5.0, 6.0]).buckets
    assert folded.sketch().count == 3


def test_an_empty_batch_changes_nothing() -> None:
    folded = Folded()
    folded.add(np.array([]))
    assert folded.count == 0
    assert folded.sketch().percentile(50) is None


def test_no_value_falls_outside() -> None:
    folded = Folded()
    folded.add(np.array([0.0, -1.0, 1e15]))
    assert folded.sketch().count == 3


def test_what_one_counts_is_not_in_another() -> None:
    first, second = Folded(), Folded()
    first.add(np.array([5.0]))
    assert second.sketch().count == 0
    second.add(np.array([7.0]))
    assert first.sketch().buckets == one_by_one([5.0]).buckets
