"""Spans of time become one, in any order."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.metrics.sketch import Sketch
from consoleapp.metrics.tally import Tally

VALUES = st.lists(st.floats(min_value=0.001, max_value=1e9), min_size=1, max_size=50)


def tally_of(values: list[float]) -> Tally:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    return Tally(len(values), math.fsum(values), min(values), max(values), sketch)


def alone(value: float, count: int = 1) -> Tally:
    return Tally(count, value * count, value, value)


@given(st.lists(VALUES, min_size=1, max_size=6), st.randoms())
def test_the_order_of_merging_changes_nothing(groups, shuffler: random.Random) -> None:
    everything = tally_of([value for group in groups for value in group])
    shuffler.shuffle(groups)
    merged = tally_of(groups[0])
    for group in groups[1:]:
        merged.merge(tally_of(group))
    assert merged.sketch.buckets == everything.sketch.buckets
    assert merged.total == pytest.approx(everything.total)
    assert (merged.count, merged.minimum, merged.maximum) == (
        everything.count,
        everything.minimum,
        everything.maximum,
    )


def test_seconds_of_one_value_each_give_exact_spreads_without_sketches() -> None:
    merged = alone(1.0)
    for value in range(2, 101):
        merged.merge(alone(float(value)))
    assert merged.percentile(50) == pytest.approx(50, rel=0.01)
    assert merged.percentile(100) == pytest.approx(100, rel=0.01)


def test_counters_stay_without_a_sketch() -> None:
    merged = alone(1.0, 40)
    merged.merge(alone(1.0, 2))
    assert merged.sketch is None
    assert merged.percentile(99) == 1.0
    assert merged.total == 42.0


def test_a_spread_that_is_partly_unknown_is_unknown() -> None:
    merged = tally_of([1.0, 2.0])
    merged.merge(Tally(2, 30.0, 10.0, 20.0))
    assert merged.percentile(50) is None
    assert merged.average() == pytest.approx(33 / 4)


def test_a_percentile_never_leaves_the_exact_bounds() -> None:
    assert tally_of([100.0]).percentile(50) == 100.0


def test_a_copy_is_its_own() -> None:
    first = tally_of([1.0])
    second = first.copy()
    second.merge(tally_of([2.0]))
    assert first.count == first.sketch.count == 1


def test_merging_leaves_the_other_alone() -> None:
    first, second = alone(1.0), tally_of([2.0, 3.0])
    first.merge(second)
    assert second.sketch.count == 2
