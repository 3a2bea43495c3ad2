"""The sketch: merged exactly, percentiles within one percent."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.metrics.sketch import GAMMA, ZERO_BUCKET, Sketch, bucket_of, value_of

VALUES = st.lists(st.floats(min_value=1e-6, max_value=1e12), min_size=1, max_size=200)


def sketch_of(values: list[float]) -> Sketch:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    return sketch


@given(VALUES, VALUES, VALUES)
def test_a_merge_in_any_grouping_equals_adding_everything(a, b, c) -> None:
    whole = sketch_of(a + b + c)
    for parts in ([a, b, c], [c, a, b], [b + c, a]):
        merged = Sketch.merged(sketch_of(part) for part in parts)
        assert merged.buckets == whole.buckets
        assert merged.count == whole.count == len(a + b + c)


@given(VALUES, st.floats(min_value=0, max_value=100))
def test_a_percentile_is_within_one_percent_of_the_exact_one(values, percent) -> None:
    exact = sorted(values)[max(1, math.ceil(len(values) * percent / 100)) - 1]
    assert sketch_of(values).percentile(percent) == pytest.approx(exact, rel=0.01)


@given(VALUES)
def test_bytes_give_the_same_sketch_back(values) -> None:
    sketch = sketch_of([0.0, *values])
    again = Sketch.from_bytes(sketch.to_bytes())
    assert again.buckets == sketch.buckets
    assert again.count == sketch.count


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_a_bucket_stands_for_its_values(value) -> None:
    assert value_of(bucket_of(value)) == pytest.approx(value, rel=(GAMMA - 1) / 2)


def test_zero_and_below_share_a_bucket_that_reads_as_zero() -> None:
    sketch = sketch_of([0.0, -3.0, 5.0])
    assert sketch.buckets[ZERO_BUCKET] == 2
    assert sketch.percentile(50) == 0.0
    assert sketch.percentile(100) == pytest.approx(5.0, rel=0.01)


def test_many_of_one_value_are_added_at_once() -> None:
    sketch = Sketch()
    sketch.add(10.0, times=1_000)
    assert sketch.count == 1_000
    assert len(sketch.buckets) == 1


def test_an_empty_sketch_has_no_percentile() -> None:
    assert Sketch().percentile(99) is None
    assert Sketch.from_bytes(b"").count == 0


def test_a_sketch_does_not_share_the_buckets_it_was_made_from() -> None:
    first = sketch_of([1.0])
    second = Sketch(first.buckets)
    second.add(1.0)
    assert first.count == sum(first.buckets.values()) == 1
