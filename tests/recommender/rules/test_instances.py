"""Types that can be measured here, and the reasons of those that cannot."""

from typing import Any

import pytest

from consoleapp.accounts.quotas import DEFAULTS
from recommender.request import JobRequest
from recommender.rules.instances import FIELD, problems
from recommender.rules.subject import Subject
from tests.recommender.asked import configurations, ranges

pytestmark = pytest.mark.usefixtures("two_cores")


def limit(code: str) -> float:
    return DEFAULTS[code].default


def found(
    *given: dict[str, Any], supported: tuple[str, ...] = (), job_type: str = "Advanced", **more: Any
) -> dict[str, str]:
    config: dict[str, Any] = {"EndpointConfigurations": list(given), **more}
    subject = Subject(container_config={"SupportedInstanceTypes": list(supported)})
    request = JobRequest({"JobType": job_type, "InputConfig": config})
    return {error.field: error.message for error in problems(request, subject, limit)}


def of_type(name: str) -> str:
    return found({"InstanceType": name})[f"{FIELD}.0.InstanceType"]


def test_a_usual_type_passes() -> None:
    assert found({"InstanceType": "ml.c5.large"}) == {}


@pytest.mark.parametrize("name", ["ml.t2.medium", "ml.t2.2xlarge"])
def test_the_burstable_family_is_refused_in_awss_words(name: str) -> None:
    assert of_type(name) == f"Burstable instance type {name} is not allowed."


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ml.g5.xlarge", "GPU"),
        ("ml.inf1.xlarge", "Inferentia"),
        ("ml.c7g.large", "arm64"),
        ("ml.never.large", "not an instance type of the catalogue"),
        ("ml.c5.18xlarge", "the floor is 0.125"),
    ],
)
def test_what_this_host_cannot_measure_is_refused_with_the_reason(name: str, reason: str) -> None:
    assert reason in of_type(name)


def test_serverless_is_refused_with_the_reason() -> None:
    errors = found({"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}})
    assert "not available on this console yet" in errors[f"{FIELD}.0.ServerlessConfig"]


def test_a_configuration_names_its_type() -> None:
    assert found({})[f"{FIELD}.0.InstanceType"] == "InstanceType is required."


def test_at_least_one_type_is_needed_unless_an_endpoint_is_brought() -> None:
    assert found() == {FIELD: "Choose at least one instance type."}
    assert found(Endpoints=[{"EndpointName": "mine"}]) == {}


def test_more_configurations_than_the_quota_are_refused() -> None:
    eleven = [{"InstanceType": "ml.c5.large", **ranges(A=[str(n)])} for n in range(11)]
    assert found(*eleven)[FIELD].startswith("10 endpoint configurations at most")


def test_the_same_type_and_environment_twice_is_refused() -> None:
    twice = configurations(["ml.c5.large", "ml.c5.large"])
    assert "listed twice" in found(*twice)[f"{FIELD}.1.InstanceType"]


def test_the_same_type_with_another_environment_passes() -> None:
    one = {"InstanceType": "ml.c5.large", **ranges(A=["1"])}
    other = {"InstanceType": "ml.c5.large", **ranges(A=["2"])}
    assert found(one, other) == {}


def test_the_packages_supported_types_narrow_the_choice() -> None:
    errors = found({"InstanceType": "ml.c5.large"}, supported=("ml.m5.large",))
    assert "ml.m5.large" in errors[f"{FIELD}.0.InstanceType"]


@pytest.mark.parametrize("name", ["1ST", "A B", "A-B", "Ü"])
def test_a_parameter_that_no_container_could_be_given_is_refused(name: str) -> None:
    member = f"{FIELD}.0.EnvironmentParameterRanges.CategoricalParameterRanges.0.Name"
    given = {"InstanceType": "ml.c5.large", **ranges(**{name: ["1"]})}
    assert "is no environment variable" in found(given)[member]


def test_a_parameter_or_a_value_listed_twice_is_refused() -> None:
    member = f"{FIELD}.0.EnvironmentParameterRanges.CategoricalParameterRanges"
    named = [{"Name": "A", "Value": ["1", "1"]}, {"Name": "A", "Value": ["2"]}, {"Value": ["3"]}]
    given = {
        "InstanceType": "ml.c5.large",
        "EnvironmentParameterRanges": {"CategoricalParameterRanges": named[:2]},
    }
    assert set(found(given)) == {f"{member}.0.Value", f"{member}.1.Name"}


def test_a_default_job_takes_no_configurations() -> None:
    errors = found({"InstanceType": "ml.c5.large"}, job_type="Default")
    assert "chooses its instance types itself" in errors[FIELD]


def test_a_default_job_whose_supported_types_all_fail_says_why_of_each() -> None:
    errors = found(supported=("ml.g5.xlarge", "ml.t2.large"), job_type="Default")
    message = errors["InputConfig.ContainerConfig.SupportedInstanceTypes"]
    assert "GPU" in message
    assert "Burstable" in message
