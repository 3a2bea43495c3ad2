"""Quotas of phases and stairs, and AWS's rule between phases."""

from typing import Any

from consoleapp.accounts.quotas import DEFAULTS
from recommender.request import JobRequest
from recommender.rules.traffic import problems, total_seconds, users_at_end
from tests.recommender.asked import phases, stairs

FIELD = "InputConfig.TrafficPattern"


def limit(code: str) -> float:
    return DEFAULTS[code].default


def found(pattern: dict[str, Any], job_type: str = "Advanced") -> dict[str, str]:
    request = JobRequest({"JobType": job_type, "InputConfig": {"TrafficPattern": pattern}})
    return {error.field: error.message for error in problems(request, limit)}


def phase(initial: int = 1, rate: int = 1, seconds: int = 120) -> dict[str, int]:
    return {"InitialNumberOfUsers": initial, "SpawnRate": rate, "DurationInSeconds": seconds}


def test_the_guides_own_sample_passes() -> None:
    assert found(phases(phase(), phase())) == {}
    assert found(phases(phase(rate=60, seconds=300))) == {}
    assert found(stairs()) == {}


def test_no_pattern_asks_for_one() -> None:
    assert found({}) == {f"{FIELD}.TrafficType": "Specify TrafficType: PHASES or STAIRS."}


def test_phases_without_a_phase_ask_for_one() -> None:
    assert found({"TrafficType": "PHASES", "Phases": []})[f"{FIELD}.Phases"]


def test_each_quota_names_its_member_and_its_bounds() -> None:
    errors = found(phases(phase(initial=4, rate=61, seconds=119)))
    assert errors == {
        f"{FIELD}.Phases.0.InitialNumberOfUsers": (
            "InitialNumberOfUsers must be between 1 and 3; 4 was given."
        ),
        f"{FIELD}.Phases.0.SpawnRate": "SpawnRate must be between 0 and 60; 61 was given.",
        f"{FIELD}.Phases.0.DurationInSeconds": (
            "DurationInSeconds must be between 120 and 3600; 119 was given."
        ),
    }


def test_a_jump_of_three_users_between_phases_is_allowed() -> None:
    assert found(phases(phase(initial=1, rate=1, seconds=120), phase(initial=3))) == {}
    assert users_at_end(phase(initial=1, rate=2, seconds=90)) == 4


def test_a_larger_jump_is_refused_in_awss_words() -> None:
    errors = found(phases(phase(initial=1, rate=60, seconds=120), phase(initial=2)))
    message = errors[f"{FIELD}.Phases.1.InitialNumberOfUsers"]
    assert message.startswith(
        "Users at the end of prev phase is 121 while initial users of current phase is 2."
    )


def test_a_later_phase_goes_on_where_the_one_before_ended() -> None:
    assert found(phases(phase(rate=60, seconds=120), phase(initial=121, rate=0))) == {}
    errors = found(phases(phase(rate=0), phase(initial=0)))
    assert errors[f"{FIELD}.Phases.1.InitialNumberOfUsers"] == (
        "InitialNumberOfUsers must be between 1 and 5000; 0 was given."
    )


def test_the_users_of_a_whole_test_keep_to_their_quota() -> None:
    long = phase(rate=60, seconds=3600)
    errors = found(phases(long, {**long, "InitialNumberOfUsers": 3601}))
    assert errors == {
        f"{FIELD}.Phases.1.SpawnRate": (
            "The phase ends with 7201 users; 5000 at most at the same time."
        )
    }
    assert f"{FIELD}.Stairs.NumberOfSteps" in found(stairs(seconds=3600, steps=3600, users=2))


def test_a_phase_may_add_no_user() -> None:
    assert found(phases(phase(rate=0))) == {}


def test_a_missing_number_is_asked_for() -> None:
    errors = found(phases({"InitialNumberOfUsers": 1, "DurationInSeconds": 120}))
    assert errors == {f"{FIELD}.Phases.0.SpawnRate": "SpawnRate is required."}


def test_stairs_keep_to_their_quotas_too() -> None:
    errors = found(stairs(seconds=60, users=4))
    assert set(errors) == {f"{FIELD}.Stairs.DurationInSeconds", f"{FIELD}.Stairs.UsersPerStep"}


def test_a_step_lasts_at_least_a_second() -> None:
    assert f"{FIELD}.Stairs.NumberOfSteps" in found(stairs(seconds=120, steps=121))


def test_a_pattern_of_both_kinds_is_refused() -> None:
    assert f"{FIELD}.Stairs" in found(phases() | {"Stairs": stairs()["Stairs"]})
    assert f"{FIELD}.Phases" in found(stairs() | {"Phases": [phase()]})


def test_a_default_job_takes_no_pattern() -> None:
    assert found({}, "Default") == {}
    assert "Default" in found(phases(), "Default")[FIELD]


def test_the_whole_length_is_the_sum_of_phases_or_the_stairs() -> None:
    assert total_seconds(phases(phase(), phase(seconds=300))) == 420
    assert total_seconds(stairs(seconds=600, steps=5)) == 600
