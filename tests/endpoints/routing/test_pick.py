from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.routing.pick import by_share, least_outstanding, part_of, shares

WEIGHTS = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=10)
DRAW = st.floats(0, 1, exclude_max=True)


@dataclass
class Server:
    outstanding: int = 0
    down_until: float = 0.0


SERVERS = st.lists(
    st.builds(Server, st.integers(0, 5), st.sampled_from([0.0, 99.0])), min_size=1, max_size=8
)


@given(WEIGHTS, DRAW)
def test_a_variant_without_weight_is_never_picked(weights: list[float], draw: float) -> None:
    bounds = shares(weights)
    if not bounds:
        assert sum(weights) == 0
    else:
        assert weights[by_share(bounds, draw)] > 0


@given(WEIGHTS)
def test_shares_rise_to_exactly_one(weights: list[float]) -> None:
    bounds = shares(weights)
    assert list(bounds) == sorted(bounds)
    assert not bounds or bounds[-1] == 1.0


@given(st.lists(st.integers(0, 100), min_size=1, max_size=10).filter(any))
def test_each_gets_its_weight_of_all_draws(weights: list[int]) -> None:
    bounds = shares([float(weight) for weight in weights])
    total = sum(weights)
    # One draw in the middle of each of `total` equal parts: exactly `weight` of them each.
    picked = [by_share(bounds, (part + 0.5) / total) for part in range(total)]
    assert [picked.count(index) for index in range(len(weights))] == weights


@given(WEIGHTS, st.floats(0.001, 1000), DRAW)
def test_only_the_relation_of_weights_matters(
    weights: list[float], factor: float, draw: float
) -> None:
    bounds, scaled = shares(weights), shares([weight * factor for weight in weights])
    if bounds and scaled:
        assert scaled == pytest.approx(bounds)


def test_two_equal_weights_split_in_the_middle() -> None:
    bounds = shares([1.0, 1.0])
    assert [by_share(bounds, draw) for draw in (0.0, 0.49, 0.5, 0.99)] == [0, 0, 1, 1]


def test_a_draw_that_is_not_one_is_refused() -> None:
    with pytest.raises(ValueError, match="weight"):
        by_share((), 0.5)


@given(SERVERS, st.integers(0, 100))
def test_nobody_has_fewer_outstanding_than_the_one_picked(
    servers: list[Server], start: int
) -> None:
    index = least_outstanding(servers, start=start, now=1.0)
    assert index is not None
    picked = servers[index]
    up = [server for server in servers if server.down_until <= 1.0]
    assert picked in (up or servers)
    assert picked.outstanding == min(server.outstanding for server in up or servers)


@given(st.integers(1, 8))
def test_equals_take_turns(count: int) -> None:
    servers = [Server() for _ in range(count)]
    turns = [least_outstanding(servers, start=start, now=0.0) for start in range(count)]
    assert sorted(turns, key=lambda index: index or 0) == list(range(count))


@given(SERVERS, st.sets(st.integers(0, 7)))
def test_those_tried_before_are_skipped(servers: list[Server], tried: set[int]) -> None:
    index = least_outstanding(servers, start=0, now=1.0, skip=frozenset(tried))
    left = set(range(len(servers))) - tried
    assert (index in left) if left else index is None


@given(st.floats(0, 100), WEIGHTS)
def test_a_shadow_gets_a_share_of_at_most_all(weight: float, production: list[float]) -> None:
    assert 0.0 <= part_of(weight, production) <= 1.0


def test_a_shadow_of_half_the_weight_gets_half_the_requests() -> None:
    assert part_of(0.5, [0.75, 0.25]) == 0.5
    assert part_of(1.0, [0.0]) == 0.0
