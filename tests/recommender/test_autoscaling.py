"""From one measured instance to a scaling policy, in the arithmetic that docs/aws.md states."""

import pytest

from recommender.autoscaling import DEFAULT_CPU_PERCENT, Measured, policy

#: 6000 invocations a minute with both vCPUs full.
FULL = Measured(6000.0, 20_000, vcpus=2.0, cpu_percent=200.0)


def test_half_the_cpu_is_taken_for_half_the_invocations() -> None:
    found = policy(FULL)
    assert found.invocations_target == 3000.0
    assert found.cpu_target_percent == 100.0
    assert DEFAULT_CPU_PERCENT == 50


def test_a_cpu_below_the_wanted_one_leaves_the_plateau_as_the_target() -> None:
    idle = Measured(6000.0, 20_000, vcpus=2.0, cpu_percent=60.0)
    assert policy(idle).invocations_target == 6000.0


@pytest.mark.parametrize("cpu", [None, 0.0])
def test_a_cpu_that_was_not_measured_counts_as_full(cpu: float | None) -> None:
    unknown = Measured(6000.0, 20_000, vcpus=2.0, cpu_percent=cpu)
    assert policy(unknown) == policy(FULL)


def test_the_wanted_cpu_is_of_each_core() -> None:
    found = policy(FULL, cpu_per_core_percent=80)
    assert found.invocations_target == 4800.0
    assert found.cpu_target_percent == 160.0


def test_the_capacities_carry_the_expected_traffic() -> None:
    found = policy(FULL, least_per_minute=3001, most_per_minute=30_000)
    assert (found.min_capacity, found.max_capacity) == (2, 10)


@pytest.mark.parametrize(
    ("least", "most", "capacities"),
    [(None, None, (1, 1)), (0, 0, (1, 1)), (9000, None, (3, 3)), (9000, 3000, (3, 3))],
)
def test_the_largest_capacity_is_never_below_the_smallest(
    least: int | None, most: int | None, capacities: tuple[int, int]
) -> None:
    found = policy(FULL, least_per_minute=least, most_per_minute=most)
    assert (found.min_capacity, found.max_capacity) == capacities


def test_a_target_is_at_least_one_invocation_a_minute() -> None:
    slow = Measured(0.4, 90_000_000, vcpus=2.0, cpu_percent=200.0)
    found = policy(slow, most_per_minute=5)
    assert (found.invocations_target, found.max_capacity) == (1.0, 5)
