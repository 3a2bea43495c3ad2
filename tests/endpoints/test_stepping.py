"""Step scaling: which step an alarm's breach means, and how many instances it comes to."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.scaling import Since
from endpoints.stepping import Breach, Stepping, problem_of, wish

NEVER = Since()


def stepping(*steps: tuple[float | None, float | None, int], **members: Any) -> Stepping:
    names = ("MetricIntervalLowerBound", "MetricIntervalUpperBound", "ScalingAdjustment")
    told = [
        {name: value for name, value in zip(names, step, strict=True) if value is not None}
        for step in steps
    ]
    whole = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": told, **members}
    return Stepping.of(whole)


def breach(*values: float, threshold: float = 50.0, above: bool = True) -> Breach:
    return Breach("a", threshold, values, above)


def count(
    current: int,
    policy: Stepping,
    call: Breach,
    since: Since = NEVER,
    base: int | None = None,
) -> int | None:
    found = wish(current, [call], policy, since, base)
    return None if found is None else found.count


#: As in the documentation: nothing up to 60, 10 % from 60, 30 % from 70, and the same downwards.
OUT = stepping((0, 10, 0), (10, 20, 1), (20, None, 3))
IN = stepping((-10, 0, 0), (-20, -10, -1), (None, -20, -3))


@pytest.mark.parametrize(
    ("value", "expected"), [(50, 10), (59.9, 10), (60, 11), (69.9, 11), (70, 13), (1000, 13)]
)
def test_above_the_threshold_a_step_begins_at_its_lower_bound(value: float, expected: int) -> None:
    assert count(10, OUT, breach(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(50, 10), (40.1, 10), (40, 9), (30.1, 9), (30, 7), (-1000, 7)]
)
def test_below_the_threshold_a_step_ends_at_its_upper_bound(value: float, expected: int) -> None:
    assert count(10, IN, breach(value, above=False)) == expected


def test_a_breach_that_no_step_is_for_changes_nothing() -> None:
    assert count(10, OUT, breach(20)) is None


def test_an_alarm_without_data_counts_as_at_its_threshold() -> None:
    assert count(2, stepping((0, None, 1)), breach()) == 3
    assert count(2, stepping((None, 0, -1)), breach(above=False)) == 1


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("Average", 11), ("Minimum", 10), ("Maximum", 13)]
)
def test_several_datapoints_are_aggregated(aggregation: str, expected: int) -> None:
    policy = stepping((0, 10, 0), (10, 20, 1), (20, None, 3), MetricAggregationType=aggregation)
    assert count(10, policy, breach(52, 62, 75)) == expected


def test_an_exact_capacity_is_taken_as_it_is() -> None:
    assert count(9, stepping((0, None, 4), AdjustmentType="ExactCapacity"), breach(60)) == 4


@pytest.mark.parametrize(
    ("current", "percent", "least", "expected"),
    [
        (10, 25, 0, 12),
        # A share of an instance is one.
        (2, 10, 0, 3),
        (2, -10, 0, 1),
        (15, -45, 0, 9),
        # AWS's example: 25 percent of 4 is 1, but 2 is the least.
        (4, 25, 2, 6),
        (4, -25, 2, 2),
        (1, -100, 5, 0),
        (4, 0, 2, 4),
    ],
)
def test_a_percentage_is_of_the_current_capacity(
    current: int, percent: int, least: int, expected: int
) -> None:
    policy = stepping(
        (0, None, percent), AdjustmentType="PercentChangeInCapacity", MinAdjustmentMagnitude=least
    )
    assert count(current, policy, breach(60)) == expected


def test_within_the_cooldown_only_a_larger_step_out_adds_what_it_adds_more() -> None:
    policy = stepping((0, 10, 2), (10, None, 3), Cooldown=300)
    assert count(4, policy, breach(55), Since(out_s=299), base=2) == 4
    # AWS's example: 3 are wanted, 2 were added a moment ago, so 1 more is added.
    assert count(4, policy, breach(65), Since(out_s=299), base=2) == 5
    assert count(4, policy, breach(55), Since(out_s=300), base=2) == 6


def test_a_step_in_waits_for_the_cooldown_and_a_step_out_does_not_wait_for_it() -> None:
    policy = stepping((None, 0, -1), Cooldown=300)
    low = breach(10, above=False)
    assert count(4, policy, low, Since(in_s=299)) == 4
    assert count(4, policy, low, Since(out_s=299), base=2) == 4
    assert count(4, policy, low, Since(in_s=300, out_s=900)) == 3
    assert count(4, stepping((0, None, 1)), breach(60), Since(in_s=1)) == 5


def test_without_a_cooldown_an_alarm_still_calls_once_in_its_period() -> None:
    policy = stepping((0, None, 1), Cooldown=0)
    assert count(2, policy, breach(60), Since(out_s=59), base=1) == 2
    assert count(2, policy, breach(60), Since(out_s=60), base=1) == 3


def test_of_several_alarms_the_one_that_wants_most_is_heard() -> None:
    found = wish(10, [breach(60), breach(80)], OUT, NEVER, None)
    assert found is not None
    assert found.count == 13
    assert "+30 from its threshold of 50" in found.cause
    assert wish(10, [], OUT, NEVER, None) is None


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (stepping(), "At least one step adjustment"),
        (stepping((0, None, 1), AdjustmentType=""), "AdjustmentType is required"),
        (stepping((None, None, 1)), "can't both be unspecified"),
        (stepping((5, 5, 1)), "greater than its lower bound"),
        (stepping((0, 10, 1), (5, None, 2)), "can't overlap"),
        (stepping((0, 10, 1), (20, None, 2)), "gaps"),
        (stepping((0, 10, 1)), "unspecified upper bound"),
        (stepping((-10, 0, 1)), "unspecified lower bound"),
        (stepping((0, None, -1), AdjustmentType="ExactCapacity"), "must not be negative"),
        (stepping((0, None, 1), Cooldown=-1), "0 or more"),
        (stepping(*((n, n + 1, 1) for n in range(20)), (20, None, 1)), "at most 20"),
    ],
)
def test_steps_that_make_no_policy_are_refused(policy: Stepping, told: str) -> None:
    assert told in (problem_of(policy) or "")


def test_documented_policies_are_taken() -> None:
    assert problem_of(OUT) is None
    assert problem_of(IN) is None
    assert problem_of(stepping((0, None, 1))) is None


@given(
    current=st.integers(1, 20),
    value=st.floats(-1e6, 1e6),
    above=st.booleans(),
    out_s=st.none() | st.floats(0, 1000),
    base=st.none() | st.integers(1, 20),
)
def test_a_cooldown_never_takes_away_what_it_protects(
    current: int, value: float, above: bool, out_s: float | None, base: int | None
) -> None:
    for policy in (OUT, IN):
        found = count(current, policy, breach(value, above=above), Since(out_s=out_s), base)
        assert found is None or found >= 0
        if found is not None and out_s is not None and out_s < 300:
            assert found >= current
    assert math.isfinite(value)
