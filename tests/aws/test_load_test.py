"""AWS's guide to custom load tests, snippet by snippet: boto3, and the real AWS CLI."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import foreign
from tests.aws.load_tests import ACCOUNT, REGION, ROLE, TYPES, ended, name_of
from tests.live import Console


def test_the_job_is_described_as_the_guide_shows_it(job: dict[str, Any], package: str) -> None:
    assert job["Status"] == "COMPLETED", job.get("FailureReason")
    assert job["JobType"] == "Advanced"
    assert job["JobArn"].startswith(
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:inference-recommendations-job/"
    )
    assert job["InputConfig"]["ModelPackageVersionArn"] == package
    assert job["InputConfig"]["TrafficPattern"]["TrafficType"] == "PHASES"
    assert job["StoppingConditions"]["MaxInvocations"] == 1000
    assert job["CompletionTime"] >= job["CreationTime"]


def test_each_type_has_a_recommendation_with_every_figure(job: dict[str, Any]) -> None:
    found = {
        each["EndpointConfiguration"]["InstanceType"]: each
        for each in job["InferenceRecommendations"]
    }
    assert set(found) == set(TYPES)
    for each in found.values():
        metrics, configuration = each["Metrics"], each["EndpointConfiguration"]
        assert metrics["CostPerHour"] > 0
        assert metrics["MaxInvocations"] > 0
        assert metrics["ModelLatency"] > 0
        # AWS's arithmetic, in its single precision.
        by_hour = metrics["CostPerHour"] / (metrics["MaxInvocations"] * 60)
        assert metrics["CostPerInference"] == pytest.approx(by_hour, rel=1e-4)
        assert configuration["VariantName"]
        assert configuration["InitialInstanceCount"] >= 1
        assert each["RecommendationId"].startswith(f"{job['JobName']}/")


def test_its_steps_are_listed(sagemaker: Any, job: dict[str, Any]) -> None:
    pages = sagemaker.get_paginator("list_inference_recommendations_job_steps").paginate(
        JobName=job["JobName"], PaginationConfig={"PageSize": 2}
    )
    steps = [each for page in pages for each in page["Steps"]]
    assert [each["Status"] for each in steps] == ["COMPLETED"] * 3
    assert {each["StepType"] for each in steps} == {"BENCHMARK"}
    none = sagemaker.list_inference_recommendations_job_steps(
        JobName=job["JobName"], Status="FAILED"
    )
    assert none["Steps"] == []


def test_the_job_is_found_by_every_filter(
    sagemaker: Any, job: dict[str, Any], package: str
) -> None:
    name, at = job["JobName"], job["CreationTime"]

    def listed(**params: Any) -> list[str]:
        told = sagemaker.list_inference_recommendations_jobs(NameContains=name, **params)
        return [each["JobName"] for each in told["InferenceRecommendationsJobs"]]

    assert listed() == [name]
    assert listed(StatusEquals="COMPLETED") == [name]
    assert listed(StatusEquals="FAILED") == []
    assert listed(ModelPackageVersionArnEquals=package) == [name]
    assert listed(ModelPackageVersionArnEquals=f"{package}99") == []
    assert listed(ModelNameEquals="another-model") == []
    assert listed(LastModifiedTimeAfter=at) == [name]
    assert listed(LastModifiedTimeBefore=at) == []
    assert listed(CreationTimeAfter=job["CompletionTime"]) == []
    assert listed(CreationTimeBefore=job["CompletionTime"]) == [name]
    assert listed(SortBy="Status", SortOrder="Ascending", MaxResults=1) == [name]


def test_a_result_becomes_a_scaling_policy(sagemaker: Any, job: dict[str, Any]) -> None:
    best = job["InferenceRecommendations"][-1]
    told = sagemaker.get_scaling_configuration_recommendation(
        InferenceRecommendationsJobName=job["JobName"],
        RecommendationId=best["RecommendationId"],
        TargetCpuUtilizationPerCore=50,
        ScalingPolicyObjective={"MinInvocationsPerMinute": 1, "MaxInvocationsPerMinute": 1_000_000},
    )
    assert told["Metric"]["ModelLatency"] == best["Metrics"]["ModelLatency"]
    dynamic = told["DynamicScalingConfiguration"]
    target = dynamic["ScalingPolicies"][0]["TargetTracking"]["TargetValue"]
    assert 1 <= target <= told["Metric"]["InvocationsPerInstance"]
    assert dynamic["MinCapacity"] == 1
    assert dynamic["MaxCapacity"] == -(-1_000_000 // int(target))
    with pytest.raises(ClientError, match="either RecommendationId or EndpointName"):
        sagemaker.get_scaling_configuration_recommendation(
            InferenceRecommendationsJobName=job["JobName"]
        )


def cli(console: Console, *arguments: str) -> Any:
    done = foreign.run("awscli", "-m", "awscli", *arguments, credentials=console.credentials)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_the_cli_creates_describes_and_stops_a_load_test(
    console: Console, sagemaker: Any, package: str
) -> None:
    """The guide's line: JobType ADVANCED, 60 users a minute, its comments taken out."""
    name = name_of("cli")
    input_config = {
        "ModelPackageVersionArn": package,
        "JobDurationInSeconds": 7200,
        "TrafficPattern": {
            "TrafficType": "PHASES",
            "Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 300}],
        },
        "ResourceLimit": {"MaxNumberOfTests": 10, "MaxParallelOfTests": 3},
        "EndpointConfigurations": [
            {"InstanceType": "ml.c5.xlarge"},
            {"InstanceType": "ml.m5.xlarge"},
            {"InstanceType": "ml.r5.xlarge"},
        ],
    }
    stopping = {
        "MaxInvocations": 1000,
        "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}],
        "FlatInvocations": "Stop",
    }
    made = cli(
        console,
        *("sagemaker", "create-inference-recommendations-job"),
        *("--region", REGION, "--job-name", name, "--job-type", "ADVANCED"),
        *("--role-arn", ROLE, "--input-config", json.dumps(input_config)),
        *("--stopping-conditions", json.dumps(stopping)),
    )
    assert made["JobArn"].endswith(f"/{name}")
    described = "describe-inference-recommendations-job"
    told = cli(console, "sagemaker", described, "--job-name", name)
    assert told["JobType"] == "Advanced"
    assert told["InputConfig"]["TrafficPattern"]["Phases"][0]["SpawnRate"] == 60
    cli(console, "sagemaker", "stop-inference-recommendations-job", "--job-name", name)
    assert ended(sagemaker, name)["Status"] == "STOPPED"


def test_a_job_beyond_a_quota_is_refused_and_leaves_nothing(sagemaker: Any, package: str) -> None:
    name = name_of("too-much")
    with pytest.raises(ClientError) as caught:
        sagemaker.create_inference_recommendations_job(
            JobName=name,
            JobType="Advanced",
            RoleArn=ROLE,
            InputConfig={
                "ModelPackageVersionArn": package,
                "TrafficPattern": {
                    "TrafficType": "PHASES",
                    "Phases": [
                        {"InitialNumberOfUsers": 1, "SpawnRate": 61, "DurationInSeconds": 5}
                    ],
                },
                "EndpointConfigurations": [{"InstanceType": "ml.c5.xlarge"}],
            },
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError):
        sagemaker.describe_inference_recommendations_job(JobName=name)
