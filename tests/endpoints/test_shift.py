"""Properties of every shift, whatever its sizes: what the sum is, and what is never exceeded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.shift import (
    Policy,
    Routing,
    Size,
    SizeKind,
    Step,
    Wait,
    counts_at,
    duration_s,
    fleet_parts,
    next_back,
    portions,
    rescaled,
    steps,
    weights_at,
)

sizes = st.one_of(
    st.builds(Size, st.just(SizeKind.CAPACITY_PERCENT), st.integers(1, 100)),
    st.builds(Size, st.just(SizeKind.INSTANCE_COUNT), st.integers(1, 30)),
)
policies = st.builds(
    Policy,
    routing=st.sampled_from(Routing),
    wait_s=st.integers(0, 3600),
    size=sizes,
    termination_wait_s=st.integers(0, 3600),
    rollback_size=st.none() | sizes,
)
instance_counts = st.integers(1, 30)
weight = st.floats(0, 1e6, allow_subnormal=False)
names = st.sampled_from(["v1", "v2", "v3", "v4"])
weights = st.dictionaries(names, weight, min_size=1).filter(
    lambda found: sum(found.values()) > 1e-3
)
shares = st.floats(0, 1)


def percent(value: int) -> Size:
    return Size(SizeKind.CAPACITY_PERCENT, value)


def test_all_at_once_is_one_step_that_bakes() -> None:
    assert steps(Policy(routing=Routing.ALL_AT_ONCE, wait_s=9), 3) == (Step(1.0, 9),)


def test_a_canary_comes_first_and_the_rest_after_its_bake() -> None:
    policy = Policy(routing=Routing.CANARY, size=percent(10), wait_s=60, termination_wait_s=120)
    assert steps(policy, 4) == (
        Step(0.1, 60),
        Step(1.0, 60),
        Step(1.0, 120, Wait.TERMINATION),
    )


def test_a_canary_of_instances_is_their_part_of_the_fleet() -> None:
    policy = Policy(routing=Routing.CANARY, size=Size(SizeKind.INSTANCE_COUNT, 1))
    assert [step.share for step in steps(policy, 4)] == [0.25, 1.0]


@pytest.mark.parametrize(
    ("size", "wanted"),
    [(50, [0.5, 1.0]), (33, [0.33, 0.66, 0.99, 1.0]), (30, [0.3, 0.6, 0.9, 1.0])],
)
def test_linear_steps_are_equal_and_the_last_takes_what_is_left(
    size: int, wanted: list[float]
) -> None:
    policy = Policy(routing=Routing.LINEAR, size=percent(size))
    assert [step.share for step in steps(policy, 1)] == pytest.approx(wanted)


def test_thirds_are_three_steps_and_not_four() -> None:
    policy = Policy(routing=Routing.ROLLING, size=Size(SizeKind.INSTANCE_COUNT, 1))
    assert len(steps(policy, 3)) == 3


def test_half_of_what_is_to_move_leads_from_50_50_to_25_75_to_0_100() -> None:
    before, after = {"v1": 1.0, "v2": 1.0}, {"v1": 0.0, "v2": 2.0}
    planned = steps(Policy(routing=Routing.LINEAR, size=percent(50)), 1)
    assert [weights_at(before, after, step.share) for step in planned] == [
        {"v1": 0.5, "v2": 1.5},
        {"v1": 0.0, "v2": 2.0},
    ]


@given(policies, instance_counts)
def test_shares_rise_and_end_at_all_of_it(policy: Policy, instances: int) -> None:
    found = [step.share for step in steps(policy, instances)]
    assert found == sorted(found)
    assert found[0] > 0
    assert found[-1] == 1.0
    assert len([share for share in found if share < 1]) == len(set(found) - {1.0})


@given(policies, instance_counts)
def test_no_step_moves_more_than_its_size(policy: Policy, instances: int) -> None:
    if policy.routing not in {Routing.LINEAR, Routing.ROLLING}:
        return
    assert policy.size is not None
    found = [0.0, *(step.share for step in steps(policy, instances))]
    most = policy.size.share_of(instances) + 1e-6
    assert all(after - before <= most for before, after in zip(found, found[1:], strict=False))


@given(sizes, instance_counts, st.integers(0, 3600))
def test_before_its_bake_has_passed_a_canary_never_gets_more_than_its_share(
    size: Size, instances: int, wait_s: int
) -> None:
    first = steps(Policy(routing=Routing.CANARY, size=size, wait_s=wait_s), instances)[0]
    assert first.share <= size.share_of(instances)
    assert first.wait_s == wait_s


@given(policies, instance_counts)
def test_each_traffic_step_waits_and_nothing_else_does(policy: Policy, instances: int) -> None:
    planned = steps(policy, instances)
    traffic = [step for step in planned if step.wait is Wait.INTERVAL]
    assert duration_s(planned) == len(traffic) * policy.wait_s + policy.termination_wait_s


@given(weights, weights, shares)
def test_the_sum_of_the_weights_is_kept_at_every_share(
    before: dict[str, float], wish: dict[str, float], share: float
) -> None:
    target = rescaled({name: wish.get(name, 0.0) for name in before} | _at_least(before, wish), 1.0)
    after = rescaled(target, sum(before.values()))
    now = weights_at(before, after, share)
    assert now.keys() == before.keys()
    assert sum(now.values()) == pytest.approx(sum(before.values()))
    assert all(weight >= 0 for weight in now.values())


def _at_least(before: dict[str, float], wish: dict[str, float]) -> dict[str, float]:
    """Some variant that is there must be wished for."""
    return {} if sum(wish.get(name, 0.0) for name in before) > 0 else {next(iter(before)): 1.0}


@given(weights, weights, shares, shares)
def test_each_weight_moves_one_way_only(
    before: dict[str, float], wish: dict[str, float], one: float, other: float
) -> None:
    after = rescaled({name: wish.get(name, 0.0) for name in before} | _at_least(before, wish), 9.0)
    early, late = sorted([one, other])
    for name in before:
        path = [weights_at(before, after, at)[name] for at in (0.0, early, late, 1.0)]
        slack = 1e-9 * max(1.0, *path)
        rising = all(b >= a - slack for a, b in zip(path, path[1:], strict=False))
        falling = all(b <= a + slack for a, b in zip(path, path[1:], strict=False))
        assert rising or falling


def test_the_ends_of_a_shift_are_met_exactly() -> None:
    before, after = {"a": 0.1, "b": 0.2}, {"a": 0.0, "b": 0.3}
    assert weights_at(before, after, 0.0) == before
    assert weights_at(before, after, 1.0) == after


def test_proportions_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        rescaled({"a": 0.0}, 1.0)


@given(st.dictionaries(names, st.integers(1, 20), min_size=1), shares, shares)
def test_a_variant_with_traffic_has_an_instance_and_more_traffic_never_fewer(
    full: dict[str, int], one: float, other: float
) -> None:
    less, more = sorted([one, other])
    at_less, at_more = counts_at(full, less), counts_at(full, more)
    for name, whole in full.items():
        assert 0 <= at_less[name] <= at_more[name] <= whole
        if less > 1e-6:
            assert at_less[name] >= 1
    assert counts_at(full, 1.0) == full
    assert set(counts_at(full, 0.0).values()) == {0}


@given(st.dictionaries(names, st.integers(1, 20), min_size=1), shares)
def test_a_rolling_update_never_has_less_than_the_whole_capacity(
    full: dict[str, int], share: float
) -> None:
    new, old = counts_at(full, share), counts_at(full, 1 - share)
    assert all(full[name] <= new[name] + old[name] <= full[name] + 1 for name in full)


part = st.lists(weight, min_size=1, max_size=5)


@given(part, part, shares)
def test_two_fleets_share_as_asked_and_keep_their_inner_proportions(
    blue: list[float], green: list[float], share: float
) -> None:
    blue = [weight + 1e-2 for weight in blue]
    green = [weight + 1e-2 for weight in green]
    for_blue, for_green = portions(blue, green, share)
    whole = sum(for_blue) + sum(for_green)
    assert sum(for_green) / whole == pytest.approx(share, abs=1e-9)
    for before, after in ((blue, for_blue), (green, for_green)):
        if sum(after) > 1e-6:
            inner = [weight / sum(before) for weight in before]
            assert [weight / sum(after) for weight in after] == pytest.approx(inner)


def test_a_fleet_in_which_nobody_has_weight_gets_no_traffic() -> None:
    assert portions([1.0], [0.0], 0.5) == ([1.0], [0.0])
    assert portions([0.0], [2.0], 0.5) == ([0.0], [2.0])
    assert fleet_parts([1.0], [0.0], 0.5) == (1.0, 0.0)
    assert fleet_parts([0.0], [0.0], 0.5) == (0.0, 0.0)


def test_each_of_two_fleets_has_its_part_of_all_traffic() -> None:
    assert fleet_parts([3.0, 1.0], [8.0], 0.25) == (0.75, 0.25)
    assert fleet_parts([3.0, 1.0], [], 0.0) == (1.0, 0.0)


@given(policies, instance_counts, shares)
def test_a_rollback_gets_to_nothing_step_by_step(
    policy: Policy, instances: int, share: float
) -> None:
    for _ in range(101):
        back = next_back(share, policy, instances)
        assert back == 0.0 or back < share
        share = back
    assert share == 0.0


def test_a_rollback_goes_back_at_once_unless_batches_are_asked_for() -> None:
    policy = Policy(routing=Routing.ROLLING, size=percent(25))
    assert next_back(0.75, policy, 4) == 0.0
    batches = Policy(
        routing=Routing.ROLLING, size=percent(25), rollback_size=Size(SizeKind.INSTANCE_COUNT, 1)
    )
    assert next_back(0.75, batches, 4) == 0.5
