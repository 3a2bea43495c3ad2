"""Botocore's bounds in AWS's words, with the member at fault."""

from typing import Any

import pytest

from recommender.errors import FieldError
from recommender.rules.shape import problems

GOOD: dict[str, Any] = {
    "JobName": "job-1",
    "JobType": "Advanced",
    "RoleArn": "arn:aws:iam::123456789012:role/recommender",
    "InputConfig": {"ModelName": "m"},
}


def only(**changed: Any) -> FieldError:
    found = problems({**GOOD, **changed})
    assert len(found) == 1, found
    return found[0]


def test_a_good_request_has_no_problem() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize("name", ["JobName", "JobType", "RoleArn", "InputConfig"])
def test_a_missing_required_member_is_named(name: str) -> None:
    given = {key: value for key, value in GOOD.items() if key != name}
    assert [error.field for error in problems(given)] == [name]


def test_an_empty_required_member_is_missing() -> None:
    assert only(JobName="").message == "JobName is required."


def test_a_name_of_wrong_characters_is_told_in_awss_words() -> None:
    error = only(JobName="no spaces")
    assert error.message.startswith(
        "Value 'no spaces' at 'jobName' failed to satisfy constraint: Member must satisfy"
    )


def test_a_name_too_long_is_refused_without_trying_the_pattern_on_it() -> None:
    error = only(JobName="-" * 5000)
    assert "length less than or equal to 64" in error.message
    assert len(error.message) < 400


def test_an_unknown_member_is_refused() -> None:
    assert only(Jobname="x").field == "Jobname"


def test_a_wrong_type_is_refused_and_a_boolean_is_no_number() -> None:
    config = {"ModelName": "m", "JobDurationInSeconds": True}
    assert only(InputConfig=config).message.endswith("must be of type integer.")
    assert only(InputConfig="text").field == "InputConfig"


def test_members_inside_lists_are_named_by_their_place() -> None:
    phases = [
        {"InitialNumberOfUsers": 1, "SpawnRate": 1, "DurationInSeconds": 120},
        {"InitialNumberOfUsers": 0, "SpawnRate": 1, "DurationInSeconds": 120},
    ]
    error = only(InputConfig={"TrafficPattern": {"TrafficType": "PHASES", "Phases": phases}})
    assert error.field == "InputConfig.TrafficPattern.Phases.1.InitialNumberOfUsers"
    assert "'inputConfig.trafficPattern.phases.2.member.initialNumberOfUsers'" in error.message


def test_a_short_list_of_allowed_values_is_shown_and_a_long_one_is_not() -> None:
    assert "[Default, Advanced]" in only(JobType="Usual").message
    config = {"EndpointConfigurations": [{"InstanceType": "ml.nothing"}]}
    assert len(only(InputConfig=config).message) < 200


def test_two_latency_thresholds_are_one_too_many() -> None:
    two = [{"Percentile": "P95", "ValueInMilliseconds": 1}] * 2
    assert (
        "less than or equal to 1"
        in only(StoppingConditions={"ModelLatencyThresholds": two}).message
    )


def test_a_number_beyond_aws_s_is_refused() -> None:
    threshold = [{"Percentile": "P95", "ValueInMilliseconds": 2**31}]
    error = only(StoppingConditions={"ModelLatencyThresholds": threshold})
    assert error.field == "StoppingConditions.ModelLatencyThresholds.0.ValueInMilliseconds"
    assert "have value less than or equal to 2147483647" in error.message
