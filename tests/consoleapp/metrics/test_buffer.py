"""The buffer: merges, keeps its bound, takes a batch back."""

import pytest

from consoleapp.metrics.buffer import Buffer
from tests.consoleapp.metrics.samples import make_sample


def test_it_merges_by_series_and_second() -> None:
    buffer = Buffer()
    buffer.add_all([make_sample([1.0], second=5), make_sample([2.0], second=5)])
    buffer.add(make_sample([4.0], second=6))
    batch, units = buffer.take()
    assert sorted((second, tally.total) for (_, second), tally in batch.items()) == [(5, 3), (6, 4)]
    assert set(units.values()) == {"Microseconds"}
    assert buffer.take() == ({}, {})


def test_it_is_full_at_its_bound_and_counts_what_it_has_no_room_for(caplog) -> None:
    buffer = Buffer(most=1, spare=1)
    buffer.add_all(make_sample(second=n) for n in range(1, 6))
    assert buffer.full
    assert buffer.dropped == 3
    # What is there already takes more: it costs no memory.
    buffer.add(make_sample(second=1))
    batch, _ = buffer.take()
    assert sorted(tally.count for tally in batch.values()) == [1, 2]
    assert "3 samples were dropped" in caplog.text
    assert not buffer.full


def test_a_batch_put_back_is_merged_with_what_came_since() -> None:
    buffer = Buffer()
    buffer.add(make_sample([1.0], second=5))
    failed = buffer.take()
    buffer.add_all([make_sample([2.0], second=5), make_sample([3.0], second=6)])
    buffer.put_back(*failed)
    batch, units = buffer.take()
    assert sorted(tally.total for tally in batch.values()) == [3.0, 3.0]
    assert units


def test_dimensions_too_long_for_a_row_are_refused() -> None:
    with pytest.raises(ValueError, match="2048"):
        Buffer().add(make_sample(dimensions={f"d{n}": "x" * 1_000 for n in range(3)}))
