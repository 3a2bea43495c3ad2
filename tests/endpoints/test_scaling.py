"""Target tracking: out after three minutes, in after fifteen, never past bounds or cooldowns."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.scaling import Bounds, Since, Tracking, Wish, decide, wish

TRACKING = Tracking(target=100.0)
NEVER = Since()


def minutes(*values: float | None) -> list[float | None]:
    """Fifteen of them; what is not named is missing."""
    return [None] * (15 - len(values)) + list(values)


def count_of(
    current: int, values: list[float | None], since: Since = NEVER, **changes: object
) -> int:
    tracking = Tracking(target=100.0, **changes)  # type: ignore[arg-type]
    found = decide(current, [wish(current, values, tracking, since)], Bounds(1, 10))
    return current if found is None else found.count


def test_three_minutes_above_add_as_many_as_the_load_needs() -> None:
    assert count_of(2, minutes(250, 250, 250)) == 5


def test_two_minutes_above_add_none() -> None:
    assert count_of(2, minutes(250, 250)) == 2
    assert count_of(2, minutes(250, 90, 250)) == 2


def test_a_little_above_adds_one_at_least() -> None:
    assert count_of(3, minutes(100.1, 100.1, 100.1)) == 4


def test_fifteen_quiet_minutes_take_away_what_the_busiest_can_spare() -> None:
    assert count_of(4, [10.0] * 14 + [50.0]) == 2


def test_fourteen_quiet_minutes_take_none() -> None:
    assert count_of(4, minutes(*[10.0] * 14)) == 4


def test_near_the_target_nothing_moves() -> None:
    assert count_of(4, [95.0] * 15) == 4


def test_silence_moves_nothing() -> None:
    assert wish(4, minutes(), TRACKING, NEVER) is None


def test_a_cooldown_holds_the_next_step() -> None:
    assert count_of(2, minutes(250, 250, 250), Since(out_s=299)) == 2
    assert count_of(2, minutes(250, 250, 250), Since(out_s=301)) == 5
    assert count_of(4, [10.0] * 15, Since(out_s=10)) == 4
    assert count_of(4, [10.0] * 15, Since(in_s=301)) == 1
    # What was taken away may be given back at once.
    assert count_of(2, minutes(250, 250, 250), Since(in_s=1)) == 5


def test_scaling_in_may_be_forbidden() -> None:
    assert count_of(4, [10.0] * 15, scale_in=False) == 4


def test_policies_must_agree_to_scale_in_and_one_is_enough_to_scale_out() -> None:
    low, keep, high = Wish(1, "low"), Wish(3, "near"), Wish(6, "high")
    assert decide(3, [low, keep], Bounds(1, 10)) is None
    assert decide(3, [low, high], Bounds(1, 10)) == high
    assert decide(3, [low, None], Bounds(1, 10)) == low


def test_a_count_out_of_bounds_is_brought_back_without_any_policy() -> None:
    found = decide(1, [], Bounds(2, 4))
    assert found is not None
    assert found.count == 2


@given(
    current=st.integers(1, 20),
    values=st.lists(st.none() | st.floats(0, 1e9), min_size=15, max_size=15),
    target=st.floats(0.001, 1e6),
    least=st.integers(1, 5),
    more=st.integers(0, 15),
)
def test_whatever_is_seen_the_count_stays_within_its_bounds(
    current: int, values: list[float | None], target: float, least: int, more: int
) -> None:
    bounds = Bounds(least, least + more)
    seen = wish(current, values, Tracking(target=target), NEVER)
    found = decide(current, [seen], bounds)
    after = current if found is None else found.count
    assert bounds.least <= after <= bounds.most or (found is None and after == current)
    assert bounds.clamp(after) == after
    assert math.isfinite(after)


@pytest.mark.parametrize("current", [1, 5])
def test_a_wish_says_why(current: int) -> None:
    found = wish(current, minutes(250, 250, 250), TRACKING, NEVER)
    assert found is not None
    assert "above the target of 100" in found.cause
