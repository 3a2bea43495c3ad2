"""From the wizard's answers to AWS's request and back, and where a refusal is shown."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict

from recommender.forms import Choices, InstancesForm, ModelForm, ParametersForm
from recommender.rules import shape
from recommender.views import answers
from tests.recommender.test_forms import LIMITS, ROLE

NOW = datetime(2026, 11, 20, 7, 2, 51, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/churn/2"
MODEL: dict[str, Any] = {
    "job_type": "Advanced",
    "use_registry": True,
    "package_version": ARN,
    "role_arn": ROLE,
    "payload_url": "s3://b/p.tar.gz",
    "content_type": "text/csv",
    "traffic_type": "PHASES",
    "phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 120}],
}
INSTANCES: dict[str, Any] = {
    "instance_types": ["ml.c5.large", "ml.m5.large"],
    "environment": [{"Name": "OMP_NUM_THREADS", "Value": ["1", "2"]}],
}
PARAMETERS: dict[str, Any] = {
    "name": "churn",
    "description": "before the sale",
    "kms_key": "alias/mine",
    "max_tests": 4,
    "max_parallel": 2,
    "max_duration": 600,
    "max_invocations": 3000,
    "latency_ms": 100,
    "flat": "Continue",
    "round_trip_ms": 5,
}
GIVEN = {"model": MODEL, "instances": INSTANCES, "parameters": PARAMETERS}


def request(**changed: dict[str, Any]) -> dict[str, Any]:
    return answers.as_request({**GIVEN, **changed}, NOW)


def test_every_answer_has_its_member_in_awss_shape() -> None:
    made = request()
    assert shape.problems(made) == []
    assert made["JobName"] == "churn-20261120-070251"
    assert made["OutputConfig"] == {"KmsKeyId": "alias/mine"}
    assert made["StoppingConditions"] == {
        "MaxInvocations": 3000,
        "ModelLatencyThresholds": [{"Percentile": "P99", "ValueInMilliseconds": 100}],
        "FlatInvocations": "Continue",
    }
    config = made["InputConfig"]
    assert config["JobDurationInSeconds"] == 600
    assert config["ResourceLimit"] == {"MaxNumberOfTests": 4, "MaxParallelOfTests": 2}
    assert [one["InstanceType"] for one in config["EndpointConfigurations"]] == [
        "ml.c5.large",
        "ml.m5.large",
    ]
    ranges = config["EndpointConfigurations"][0]["EnvironmentParameterRanges"]
    assert ranges == {"CategoricalParameterRanges": INSTANCES["environment"]}


def test_what_is_left_empty_is_left_out() -> None:
    bare = request(parameters={}, instances={"instance_types": ["ml.c5.large"]})
    assert set(bare) == {"JobName", "JobType", "RoleArn", "InputConfig"}
    assert bare["JobName"] == "churn-v2-20261120-070251"
    assert "ResourceLimit" not in bare["InputConfig"]


def test_a_default_job_carries_no_traffic_types_or_limits() -> None:
    made = request(model={**MODEL, "job_type": "Default"})
    assert set(made["InputConfig"]) == {"ModelPackageVersionArn", "ContainerConfig"}
    assert "StoppingConditions" not in made


def test_a_plain_model_carries_its_container_configuration() -> None:
    plain = {**MODEL, "use_registry": False, "model_name": "plain", "domain": "MACHINE_LEARNING"}
    config = request(model=plain)["InputConfig"]
    assert config["ModelName"] == "plain"
    assert "ModelPackageVersionArn" not in config
    assert config["ContainerConfig"]["Domain"] == "MACHINE_LEARNING"


def test_an_existing_endpoint_and_stairs_find_their_members() -> None:
    model = {**MODEL, "endpoint_name": "live", "traffic_type": "STAIRS", "stairs_seconds": 240}
    config = request(model={**model, "stairs_steps": 2, "stairs_users": 3})["InputConfig"]
    assert config["Endpoints"] == [{"EndpointName": "live"}]
    assert config["TrafficPattern"]["Stairs"] == {
        "DurationInSeconds": 240,
        "NumberOfSteps": 2,
        "UsersPerStep": 3,
    }


def test_a_serverless_configuration_is_passed_on_to_be_refused() -> None:
    made = request(instances={"serverless_memory": 2048, "serverless_concurrency": 5})
    assert made["InputConfig"]["EndpointConfigurations"] == [
        {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
    ]


def test_a_name_with_its_timestamp_fits_awss_64_characters() -> None:
    assert len(answers.job_name("x" * 80, NOW)) == 64
    assert answers.job_name("a_b.c", NOW) == "a-b-c-20261120-070251"
    assert answers.job_name("--", NOW) == "job-20261120-070251"


def test_the_round_trip_goes_into_the_options() -> None:
    assert answers.options(GIVEN) == {"round_trip_ms": 5}
    assert answers.options({}) == {}


def test_a_cloned_request_gives_the_answers_that_make_it_again() -> None:
    made = request()
    raw = answers.from_request(made, {"round_trip_ms": 5})
    offered = Choices(
        limits=LIMITS,
        groups=["churn"],
        versions=[(ARN, "2")],
        roles=[(ROLE, "r")],
        instance_types=["ml.c5.large", "ml.m5.large"],
    )
    forms = {
        "model": ModelForm(MultiValueDict(raw["model"]), offered),
        "instances": InstancesForm(MultiValueDict(raw["instances"]), offered),
        "parameters": ParametersForm(MultiValueDict(raw["parameters"]), offered),
    }
    assert all(form.is_valid() for form in forms.values()), [f.errors for f in forms.values()]
    cleaned = {slug: form.cleaned_data for slug, form in forms.items()}
    assert answers.as_request(cleaned, NOW) == made
    assert answers.options(cleaned) == {"round_trip_ms": 5}


@pytest.mark.parametrize(
    ("member", "place"),
    [
        ("JobName", ("parameters", "name", None, "")),
        ("RoleArn", ("model", "role_arn", None, "")),
        ("InputConfig.ModelPackageVersionArn", ("model", "package_version", None, "")),
        (
            "InputConfig.TrafficPattern.Phases.1.SpawnRate",
            ("model", "", 1, "SpawnRate"),
        ),
        ("InputConfig.TrafficPattern.Stairs.UsersPerStep", ("model", "stairs_users", None, "")),
        (
            "InputConfig.EndpointConfigurations.0.InstanceType",
            ("instances", "instance_types", None, ""),
        ),
        (
            "InputConfig.EndpointConfigurations.2.ServerlessConfig",
            ("instances", "serverless_memory", None, ""),
        ),
        (
            "InputConfig.EndpointConfigurations.0.EnvironmentParameterRanges"
            ".CategoricalParameterRanges.1.Value",
            ("instances", "", 1, "Value"),
        ),
        (
            "InputConfig.ContainerConfig.PayloadConfig.SamplePayloadUrl",
            ("model", "payload_url", None, ""),
        ),
        ("InputConfig.JobDurationInSeconds", ("parameters", "max_duration", None, "")),
        (
            "StoppingConditions.ModelLatencyThresholds.0.ValueInMilliseconds",
            ("parameters", "latency_ms", None, ""),
        ),
        ("Something.Else", ("", "", None, "")),
    ],
)
def test_each_refusal_has_its_place(member: str, place: tuple[str, str, int | None, str]) -> None:
    assert answers.field_of(member) == place
