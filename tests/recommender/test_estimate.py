"""Time and cost before a job is created."""

import pytest

from consoleapp.accounts.actor import Actor
from recommender.estimate import estimate
from tests.recommender.asked import advanced, default, make_package, ranges


def test_equal_grants_count_as_one_measurement(actor: Actor, two_cores: None) -> None:
    found = estimate(actor, advanced(make_package(actor), "ml.c5.large", "ml.m5.large"))
    assert (found.tests, found.measured_tests, found.scale) == (2, 1, 0.5)
    assert found.seconds_at_most == 140
    assert any("2 tests share 1 measurement" in note for note in found.notes)
    assert any("50% of each size" in note for note in found.notes)


def test_less_than_a_core_is_said_before_the_job_is_made(actor: Actor, two_cores: None) -> None:
    both = estimate(actor, advanced(make_package(actor), "ml.c5.large", "ml.c5.xlarge"))
    assert any("less than a core" in note for note in both.notes)
    one = estimate(actor, advanced(make_package(actor, group="two"), "ml.c5.large"))
    assert not any("less than a core" in note for note in one.notes)


def test_more_cores_measure_side_by_side_at_full_size(actor: Actor, many_cores: None) -> None:
    types = ("ml.c5.large", "ml.c5.xlarge", "ml.c5.2xlarge")
    found = estimate(actor, advanced(make_package(actor), *types))
    assert (found.measured_tests, found.scale) == (3, 1.0)
    assert found.seconds_at_most == 3 * 140
    smaller = estimate(actor, advanced(make_package(actor, group="two"), *types[:2]))
    assert smaller.seconds_at_most == 140


def test_one_after_the_other_takes_longer(actor: Actor, many_cores: None) -> None:
    limit = {"MaxNumberOfTests": 10, "MaxParallelOfTests": 1}
    request = advanced(make_package(actor), "ml.c5.large", "ml.c5.xlarge", ResourceLimit=limit)
    assert estimate(actor, request).seconds_at_most == 280


def test_no_test_is_scheduled_after_the_jobs_duration(actor: Actor, two_cores: None) -> None:
    given = {"InstanceType": "ml.c5.large", **ranges(A=["1", "2", "3"], B=["1", "2", "3"])}
    request = advanced(make_package(actor), JobDurationInSeconds=300)
    request["InputConfig"]["EndpointConfigurations"] = [given]
    found = estimate(actor, request)
    assert found.measured_tests == 9
    assert found.seconds_at_most == 440


def test_the_cost_at_aws_is_that_of_every_test(actor: Actor, two_cores: None) -> None:
    found = estimate(actor, advanced(make_package(actor), "ml.c5.large", "ml.m5.large"))
    assert found.usd_at_aws == pytest.approx((0.102 + 0.115) * 420 / 3600)


def test_an_unknown_price_is_said_and_not_counted_as_nothing(actor: Actor, two_cores: None) -> None:
    found = estimate(actor, advanced(make_package(actor), "ml.m4.xlarge"))
    assert found.usd_at_aws is None
    assert any("price of 1" in note for note in found.notes)


def test_a_default_job_is_estimated_too(actor: Actor, two_cores: None) -> None:
    found = estimate(actor, default(make_package(actor)))
    assert (found.tests, found.measured_tests) == (6, 2)


def test_half_a_request_is_no_crash(actor: Actor, two_cores: None) -> None:
    assert estimate(actor, {"JobType": "Advanced", "InputConfig": {}}).tests == 0
    request = {
        "JobType": "Advanced",
        "InputConfig": {"EndpointConfigurations": [{"InstanceType": "ml.nothing"}]},
    }
    assert estimate(actor, request).usd_at_aws is None
