"""Numbers of tests, durations and stopping conditions."""

from typing import Any

import pytest

from consoleapp.accounts.quotas import DEFAULTS
from recommender.request import JobRequest
from recommender.rules.parameters import problems
from tests.recommender.asked import configurations, phases, ranges

LIMIT = "InputConfig.ResourceLimit"
DURATION = "InputConfig.JobDurationInSeconds"


def limit(code: str) -> float:
    return DEFAULTS[code].default


def found(
    stopping: dict[str, Any] | None = None, job_type: str = "Advanced", **config: Any
) -> dict[str, str]:
    members = {"JobType": job_type, "InputConfig": config, "StoppingConditions": stopping or {}}
    return {error.field: error.message for error in problems(JobRequest(members), limit)}


def test_everything_may_be_left_out() -> None:
    assert found() == {}


def test_traffic_longer_than_the_job_is_refused_in_awss_words() -> None:
    message = found(JobDurationInSeconds=100, TrafficPattern=phases())[DURATION]
    assert message.startswith(
        "Total Traffic duration (across) should not be more than Job duration."
    )
    assert "120 seconds" in message


def test_traffic_exactly_as_long_as_the_job_fits() -> None:
    assert found(JobDurationInSeconds=120, TrafficPattern=phases()) == {}


def test_the_traffic_a_default_job_chooses_must_fit_too() -> None:
    """Else each of its tests would end before there is anything to read."""
    message = found(job_type="Default", JobDurationInSeconds=60)[DURATION]
    assert "The traffic lasts 120 seconds, the job 60." in message
    assert found(job_type="Default", JobDurationInSeconds=120) == {}


@pytest.mark.parametrize("seconds", [0.5, 18001])
def test_the_jobs_duration_keeps_to_its_quota(seconds: float) -> None:
    assert DURATION in found(JobDurationInSeconds=seconds)


def test_more_combinations_than_tests_are_refused_with_the_count() -> None:
    config = [{"InstanceType": "ml.c5.large", **ranges(A=["1", "2", "3"], B=["1", "2"])}]
    message = found(
        EndpointConfigurations=config,
        ResourceLimit={"MaxNumberOfTests": 5, "MaxParallelOfTests": 1},
    )[f"{LIMIT}.MaxNumberOfTests"]
    assert "make 6 tests, while MaxNumberOfTests is 5" in message


def test_without_a_limit_the_quota_holds() -> None:
    eleven = configurations([f"ml.type{n}.large" for n in range(11)])
    assert "make 11 tests" in found(EndpointConfigurations=eleven)[f"{LIMIT}.MaxNumberOfTests"]


def test_the_endpoint_that_the_job_brings_counts_as_a_test() -> None:
    errors = found(
        Endpoints=[{"EndpointName": "mine"}],
        EndpointConfigurations=configurations(["ml.c5.large"]),
        ResourceLimit={"MaxNumberOfTests": 1},
    )
    assert "make 2 tests" in errors[f"{LIMIT}.MaxNumberOfTests"]


def test_parallel_tests_keep_to_their_quota() -> None:
    assert f"{LIMIT}.MaxParallelOfTests" in found(ResourceLimit={"MaxParallelOfTests": 11})


@pytest.mark.parametrize("wanted", [0, 30_001, -5])
def test_the_wanted_rate_keeps_to_its_quota(wanted: int) -> None:
    assert found({"MaxInvocations": wanted}) == {
        "StoppingConditions.MaxInvocations": (
            f"MaxInvocations must be between 1 and 30000; {wanted} was given."
        )
    }


@pytest.mark.parametrize("percentile", ["P95", "P99", "p95"])
def test_both_percentiles_are_accepted(percentile: str) -> None:
    assert found(threshold(percentile, 100)) == {}


def test_another_percentile_and_a_threshold_of_nothing_are_refused() -> None:
    assert set(found(threshold("P50", 0))) == {
        "StoppingConditions.ModelLatencyThresholds.0.Percentile",
        "StoppingConditions.ModelLatencyThresholds.0.ValueInMilliseconds",
    }


def threshold(percentile: str, milliseconds: int) -> dict[str, Any]:
    one = {"Percentile": percentile, "ValueInMilliseconds": milliseconds}
    return {"ModelLatencyThresholds": [one]}
