import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.loadtest.traffic import Phase, Phases, Stairs, from_aws, share_of

phases = st.lists(
    st.builds(Phase, st.integers(1, 50), st.integers(0, 200), st.integers(1, 600)),
    min_size=1,
    max_size=5,
).map(lambda items: Phases(tuple(items)))
stairs = st.builds(Stairs, st.integers(1, 3600), st.integers(1, 60), st.integers(1, 3))


def test_a_phase_adds_a_user_each_time_the_spawn_rate_says() -> None:
    phase = Phases((Phase(1, 3, 120),))
    assert [phase.users_at(t) for t in (0, 19.9, 20, 40, 59.9, 60, 119)] == [1, 1, 2, 3, 3, 4, 6]


def test_users_at_the_end_are_initial_plus_rate_times_duration_rounded_down() -> None:
    assert Phases((Phase(2, 7, 100),)).users_at(100) == 2 + math.floor(7 * 100 / 60)


def test_aws_own_sample_of_one_user_a_second_reaches_301_users() -> None:
    assert Phases((Phase(1, 60, 300),)).max_users == 301


def test_initial_users_are_absolute_at_the_start_of_every_phase() -> None:
    pattern = Phases((Phase(1, 60, 10), Phase(3, 0, 10), Phase(1, 60, 10)))
    assert [pattern.users_at(t) for t in (9.5, 10, 19.5, 20, 29.5)] == [10, 3, 3, 1, 10]


def test_before_the_start_there_is_nobody_and_after_the_end_the_last_count() -> None:
    pattern = Phases((Phase(1, 60, 10),))
    assert pattern.users_at(-0.1) == 0
    assert pattern.users_at(99) == 11


def test_a_step_of_the_stairs_is_the_duration_over_the_steps() -> None:
    pattern = Stairs(600, 5, 2)
    assert [pattern.users_at(t) for t in (0, 119.9, 120, 599, 600, 900)] == [2, 2, 4, 10, 10, 10]


def test_steps_that_do_not_divide_evenly_still_all_happen() -> None:
    pattern = Stairs(100, 3, 1)
    assert [pattern.users_at(t) for t in (0, 33.3, 33.34, 66.6, 66.67)] == [1, 1, 2, 2, 3]


def test_aws_phases_are_read() -> None:
    pattern = from_aws(
        {
            "TrafficType": "PHASES",
            "Phases": [
                {"InitialNumberOfUsers": 1, "SpawnRate": 1, "DurationInSeconds": 120},
                {"InitialNumberOfUsers": 1, "SpawnRate": 1, "DurationInSeconds": 120},
            ],
        }
    )
    assert pattern == Phases((Phase(1, 1, 120), Phase(1, 1, 120)))
    assert pattern.duration_s == 240


def test_aws_stairs_are_read() -> None:
    stairs = {"DurationInSeconds": 240, "NumberOfSteps": 2, "UsersPerStep": 2}
    assert from_aws({"TrafficType": "STAIRS", "Stairs": stairs}) == Stairs(240, 2, 2)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ({"TrafficType": "PHASES"}, "at least one phase"),
        ({"TrafficType": "WAVES"}, "TrafficType"),
        ({"TrafficType": "STAIRS"}, "DurationInSeconds"),
        ({"Phases": [{"InitialNumberOfUsers": 0}]}, "SpawnRate"),
        (
            {"Phases": [{"InitialNumberOfUsers": 0, "SpawnRate": 1, "DurationInSeconds": 9}]},
            "InitialNumberOfUsers must be at least 1",
        ),
        (
            {"Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 1.5, "DurationInSeconds": 9}]},
            "SpawnRate must be a whole number",
        ),
        (
            {"Phases": [{"InitialNumberOfUsers": True, "SpawnRate": 1, "DurationInSeconds": 9}]},
            "InitialNumberOfUsers must be a whole number",
        ),
    ],
)
def test_a_wrong_pattern_names_its_member(pattern: dict, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        from_aws(pattern)


@given(st.one_of(phases, stairs))
def test_the_changes_are_exactly_where_the_number_of_users_changes(pattern) -> None:
    changes = list(pattern.changes())
    assert changes[0][0] == 0
    moments = [moment for moment, _ in changes]
    assert moments == sorted(moments)
    assert all(moment < pattern.duration_s for moment in moments)
    for (moment, users), following in zip(changes, [*moments[1:], pattern.duration_s], strict=True):
        assert pattern.users_at(moment + 1e-6) == users
        assert pattern.users_at(max(moment, following - 1e-3)) == users


@given(st.one_of(phases, stairs), st.floats(0, 5000))
def test_users_stay_between_one_and_the_most(pattern, elapsed: float) -> None:
    assert 1 <= pattern.users_at(elapsed) <= pattern.max_users


@given(st.integers(0, 3000), st.integers(1, 12))
def test_shares_add_up_to_all_users_and_differ_by_one_at_most(users: int, of: int) -> None:
    shares = [share_of(users, index, of) for index in range(of)]
    assert sum(shares) == users
    assert max(shares) - min(shares) <= 1
