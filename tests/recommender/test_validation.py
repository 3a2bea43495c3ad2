"""The whole request: sections, order, and that no broken part breaks another's rules."""

import copy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.quotas import set_limit
from recommender.validation import ALL, normalised, problems, section_of
from tests.recommender.asked import advanced, default, make_model, make_package, phases

pytestmark = pytest.mark.usefixtures("two_cores")


@pytest.fixture
def request_members(actor: Actor) -> dict[str, Any]:
    return advanced(make_package(actor), "ml.c5.large", "ml.m5.large")


def fields(actor: Actor, request: dict[str, Any], **options: Any) -> list[str]:
    return [error.field for error in problems(actor, request, **options)]


def test_a_whole_good_request_has_no_problem(actor: Actor, request_members: dict[str, Any]) -> None:
    assert problems(actor, request_members) == []


def test_a_default_job_of_a_package_has_no_problem(actor: Actor) -> None:
    assert problems(actor, default(make_package(actor))) == []


def test_a_default_job_of_a_plain_model_needs_its_container_configuration(actor: Actor) -> None:
    request = default(make_model(actor))
    assert problems(actor, request) == []
    del request["InputConfig"]["ContainerConfig"]["Domain"]
    assert fields(actor, request) == ["InputConfig.ContainerConfig.Domain"]


def test_the_clis_capitals_are_accepted_and_stored_as_aws_names_them(
    actor: Actor, request_members: dict[str, Any]
) -> None:
    request_members["JobType"] = "ADVANCED"
    assert problems(actor, request_members) == []
    assert normalised(request_members)["JobType"] == "Advanced"


def test_problems_come_in_the_order_of_the_wizard(
    actor: Actor, request_members: dict[str, Any]
) -> None:
    config = request_members["InputConfig"]
    config["TrafficPattern"]["Phases"][0]["SpawnRate"] = 1000
    config["EndpointConfigurations"][0]["InstanceType"] = "ml.t2.medium"
    config["ModelPackageVersionArn"] = config["ModelPackageVersionArn"][:-1] + "7"
    request_members["JobName"] = "no good"
    sections = [section_of(field) for field in fields(actor, request_members)]
    assert sections == ["model", "traffic", "instances", "parameters"]


@pytest.mark.parametrize("section", ALL)
def test_a_step_of_the_wizard_is_checked_by_itself(actor: Actor, section: str) -> None:
    for error in problems(actor, {"InputConfig": {}}, sections=(section,)):
        assert section_of(error.field) == section


def test_later_steps_do_not_trip_over_what_earlier_ones_hold(
    actor: Actor, request_members: dict[str, Any]
) -> None:
    broken = copy.deepcopy(request_members)
    broken["InputConfig"]["TrafficPattern"] = {"TrafficType": "PHASES", "Phases": "none"}
    broken["InputConfig"]["EndpointConfigurations"] = [{"InstanceType": 5}]
    assert fields(actor, broken, sections=("parameters",)) == []
    assert set(fields(actor, broken)) == {
        "InputConfig.TrafficPattern.Phases",
        "InputConfig.EndpointConfigurations.0.InstanceType",
    }


@pytest.mark.parametrize("nonsense", [None, [], "text", 5])
def test_an_input_config_that_is_none_is_refused_and_nothing_else_is_tried(
    actor: Actor, nonsense: Any
) -> None:
    request = {"JobName": "j", "JobType": "Default", "RoleArn": "r", "InputConfig": nonsense}
    assert "InputConfig" in fields(actor, request)


def test_a_quota_that_an_admin_widens_holds_at_once(
    actor: Actor, request_members: dict[str, Any]
) -> None:
    request_members["InputConfig"]["TrafficPattern"] = phases(
        {"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 10}
    )
    assert fields(actor, request_members) == [
        "InputConfig.TrafficPattern.Phases.0.DurationInSeconds"
    ]
    set_limit(actor, code="recommender.phase_seconds.min", value=10)
    assert problems(actor, request_members) == []


def test_checking_a_large_request_asks_the_database_a_fixed_number_of_times(
    actor: Actor, request_members: dict[str, Any]
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        problems(actor, request_members)
    names = [f"ml.{family}.{size}" for family in ("c5", "m5", "r5") for size in ("large", "xlarge")]
    request_members["InputConfig"]["EndpointConfigurations"] = [{"InstanceType": n} for n in names]
    with CaptureQueriesContext(connection) as many:
        problems(actor, request_members)
    assert len(many) == len(few)
