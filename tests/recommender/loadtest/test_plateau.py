import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.loadtest import plateau
from recommender.loadtest.traffic import Phase, Phases, Stairs
from recommender.loadtest.window import SecondSeen
from tests.recommender.loadtest.series import START, closed_loop, rates


def one_a_second(at: int) -> int:
    return 1 + at


def found(seen: list[SecondSeen]) -> plateau.Plateau:
    result = plateau.find(seen)
    assert result is not None
    return result


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.05])
@pytest.mark.parametrize("capacity", [500.0, 1000.0, 3000.0, 6000.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_noisy_ramp_that_goes_flat_is_read_at_its_knee(
    noise: float, capacity: float, seed: int
) -> None:
    seen = closed_loop(one_a_second, seconds=240, capacity=capacity, noise=noise, seed=seed)
    level = found(seen)
    knee = capacity * 0.015
    assert level.rate_per_minute == pytest.approx(60 * capacity, rel=0.06)
    assert knee - 8 <= level.second - START <= knee + 20
    assert not level.from_first_user


def test_it_is_confirmed_by_the_seconds_after_it_and_stays_where_it_was_found() -> None:
    seen = closed_loop(one_a_second, seconds=200, capacity=1000.0, noise=0.04, seed=3)
    level = found(seen)
    known = level.confirmed_second - START + 1
    assert plateau.find(seen[: known - 1]) is None
    assert all(found(seen[:end]) == level for end in range(known, 200))


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.05, 0.10])
@pytest.mark.parametrize("seed", range(5))
def test_a_rate_that_keeps_growing_has_no_plateau(noise: float, seed: int) -> None:
    assert plateau.find(closed_loop(one_a_second, seconds=300, noise=noise, seed=seed)) is None


def test_of_two_levels_the_first_is_the_plateau() -> None:
    def capacity(at: int) -> float:
        return 1000.0 if at < 90 else 2500.0

    level = found(closed_loop(one_a_second, seconds=240, capacity=capacity, noise=0.02))
    assert level.rate_per_minute == pytest.approx(60_000, rel=0.05)
    assert level.second - START < 40


def test_a_short_rest_in_a_ramp_is_no_level() -> None:
    def capacity(at: int) -> float:
        return 2000.0 if 30 <= at < 42 else 1e12

    seen = closed_loop(one_a_second, seconds=120, capacity=capacity)
    assert plateau.find(seen) is None


def test_a_late_drop_does_not_move_the_plateau() -> None:
    def capacity(at: int) -> float:
        return 2000.0 if at < 120 else 700.0

    level = found(closed_loop(one_a_second, seconds=180, capacity=capacity, noise=0.02))
    assert level.rate_per_minute == pytest.approx(120_000, rel=0.05)
    assert level.second - START < 60


def test_an_endpoint_that_breaks_down_under_more_users_levels_off_at_its_peak() -> None:
    def capacity(at: int) -> float:
        return 1e12 if at < 60 else 1500.0

    level = found(closed_loop(one_a_second, seconds=140, capacity=capacity, noise=0.02))
    assert level.second - START < 75
    assert level.rate_per_minute <= 60 * 61 / 0.015


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("height", [0.0, 0.3, 2.0, 5.0])
def test_spikes_and_stalls_of_three_seconds_weigh_nothing(width: int, height: float) -> None:
    climbing = [100.0 * (1 + at) for at in range(200)]
    level = [min(100.0 * (1 + at), 4000.0) for at in range(200)]
    users = [1 + at for at in range(200)]
    for series in (climbing, level):
        for start in (25, 60, 110, 150):
            for at in range(start, start + width):
                series[at] *= height
    assert plateau.find(rates(users, climbing)) is None
    assert found(rates(users, level)).rate_per_minute == pytest.approx(240_000, rel=0.06)


@pytest.mark.parametrize("seconds", [0, 1, 9, 10, 29])
def test_a_short_series_has_no_plateau(seconds: int) -> None:
    assert plateau.find(closed_loop(one_a_second, seconds=seconds, capacity=10.0)) is None


def test_a_test_without_answers_has_no_plateau() -> None:
    assert plateau.find(rates([1 + at for at in range(100)], [0.0] * 100)) is None


def test_a_constant_crowd_is_never_saturated() -> None:
    assert plateau.find(closed_loop(lambda at: 20, seconds=600, capacity=300.0)) is None


def test_the_flat_part_of_a_stair_is_no_plateau() -> None:
    stairs = Stairs(600, 5, 2)
    assert plateau.find(closed_loop(stairs.users_at, seconds=600, noise=0.03)) is None


def test_a_stair_that_brings_nothing_is_one() -> None:
    stairs = Stairs(600, 5, 2)
    level = found(closed_loop(stairs.users_at, seconds=600, capacity=380.0, noise=0.02))
    # Six users would do 400 a second: the third stair is the first that is cut.
    assert 240 <= level.second - START < 360
    assert level.rate_per_minute == pytest.approx(60 * 380, rel=0.05)


@pytest.mark.parametrize("per_minute", [1, 2, 3])
def test_waiting_for_the_next_user_is_no_plateau(per_minute: int) -> None:
    pattern = Phases((Phase(1, per_minute, 600),))
    assert plateau.find(closed_loop(pattern.users_at, seconds=600, noise=0.03)) is None


@pytest.mark.parametrize("per_minute", [1, 3])
def test_a_slow_ramp_shows_its_plateau_as_well(per_minute: int) -> None:
    pattern = Phases((Phase(1, per_minute, 900),))
    level = found(closed_loop(pattern.users_at, seconds=900, capacity=180.0, noise=0.02))
    # Two users do 133 a second, the third would do 200.
    third = 2 * 60 // per_minute
    assert third <= level.second - START < third + 60 // per_minute + 10
    assert level.rate_per_minute == pytest.approx(60 * 180, rel=0.05)


def test_a_slow_model_with_an_answer_a_second_is_judged_too() -> None:
    pattern = Phases((Phase(1, 3, 300),))
    seen = closed_loop(pattern.users_at, seconds=300, capacity=2.0, latency_s=0.99, noise=0.0)
    assert found(seen).rate_per_minute == pytest.approx(120, rel=0.06)


def test_flat_from_the_first_user_is_said() -> None:
    level = found(closed_loop(one_a_second, seconds=120, capacity=50.0, noise=0.02))
    assert level.from_first_user
    assert level.rate_per_minute == pytest.approx(3000, rel=0.06)


def test_flat_from_the_second_user_is_not_the_first() -> None:
    pattern = Phases((Phase(1, 3, 300),))
    level = found(closed_loop(pattern.users_at, seconds=300, capacity=110.0))
    assert not level.from_first_user


def test_failed_invocations_are_no_capacity() -> None:
    seen = [
        SecondSeen(
            s.second, s.users, s.invocations, max(0, s.invocations - 900), s.model_latency_us
        )
        for s in closed_loop(one_a_second, seconds=120)
    ]
    assert found(seen).rate_per_minute == pytest.approx(54_000, rel=0.05)


def test_fewer_users_in_the_next_phase_are_no_plateau() -> None:
    pattern = Phases((Phase(1, 60, 60), Phase(40, 30, 60), Phase(60, 60, 60)))
    assert plateau.find(closed_loop(pattern.users_at, seconds=180)) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 1000), st.integers(0, 1000), st.floats(800.0, 4000.0))
def test_only_ratios_count(scale: int, seed: int, capacity: float) -> None:
    seen = closed_loop(one_a_second, seconds=150, capacity=capacity, noise=0.05, seed=seed)
    bigger = rates([s.users for s in seen], [float(s.invocations * scale) for s in seen])
    here, there = plateau.find(seen), plateau.find(bigger)
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        assert there.second == here.second
        assert there.rate_per_minute == pytest.approx(here.rate_per_minute * scale)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 100_000), st.integers(0, 1000))
def test_the_time_of_day_does_not_count(later: int, seed: int) -> None:
    seen = closed_loop(one_a_second, seconds=120, capacity=900.0, noise=0.05, seed=seed)
    moved = [
        SecondSeen(s.second + later, s.users, s.invocations, s.errors, s.model_latency_us)
        for s in seen
    ]
    here, there = plateau.find(seen), plateau.find(moved)
    assert (here and here.second + later) == (there and there.second)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(500.0, 3000.0), st.sampled_from([0.0, 0.03, 0.08]))
def test_more_seconds_never_change_what_was_found(seed: int, capacity: float, noise: float) -> None:
    seen = closed_loop(one_a_second, seconds=130, capacity=capacity, noise=noise, seed=seed)
    answers = [plateau.find(seen[:end]) for end in range(0, 131, 5)]
    known = [answer for answer in answers if answer is not None]
    assert len(set(known)) <= 1
