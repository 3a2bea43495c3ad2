"""AWS's guide to custom load tests, snippet by snippet: boto3, and the AWS CLI of its own package.

The phases are shorter than the guide's; an admin lowered the quota for that.
"""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import foreign
from tests.live import Console, wait_for

ACCOUNT, REGION = "123456789012", "us-east-1"
SAMPLES = f"s3://sagemaker-{REGION}-{ACCOUNT}/samples/breast-cancer"
TYPES = ["ml.c5.xlarge", "ml.m5.xlarge", "ml.r5.xlarge"]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service"
ENDED = {"COMPLETED", "FAILED", "STOPPED"}


def name_of(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def ended(sagemaker: Any, name: str, *, timeout_s: float = 200) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        told = sagemaker.describe_inference_recommendations_job(JobName=name)
        return dict(told) if told["Status"] in ENDED else None

    return wait_for(f"the end of {name}", look, timeout_s=timeout_s, every_s=1)


@pytest.fixture(scope="module")
def package(sagemaker: Any) -> str:
    """A version in the registry, with all that a load test needs to know of it."""
    group = name_of("group")
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    made = sagemaker.create_model_package(
        ModelPackageGroupName=group,
        Domain="MACHINE_LEARNING",
        Task="CLASSIFICATION",
        SamplePayloadUrl=f"{SAMPLES}/payload.tar.gz",
        InferenceSpecification={
            "Containers": [
                {
                    "Image": "inference-console/xgboost:3.2",
                    "ModelDataUrl": f"{SAMPLES}/breast-cancer-xgboost-small/model.tar.gz",
                    "Framework": "XGBOOST",
                    "FrameworkVersion": "3.2",
                    "NearestModelName": "xgboost",
                }
            ],
            "SupportedContentTypes": ["text/csv"],
            "SupportedRealtimeInferenceInstanceTypes": TYPES,
        },
    )
    return str(made["ModelPackageArn"])


@pytest.fixture(scope="module")
def job(sagemaker: Any, package: str) -> dict[str, Any]:
    """The guide's boto3 example, as it is described once it has ended."""
    load_test_job_name = name_of("load-test")
    sagemaker.create_inference_recommendations_job(
        JobName=load_test_job_name,
        JobType="Advanced",
        RoleArn=ROLE,
        InputConfig={
            "ModelPackageVersionArn": package,
            "JobDurationInSeconds": 7200,
            "TrafficPattern": {
                "TrafficType": "PHASES",
                "Phases": [
                    {"InitialNumberOfUsers": 1, "SpawnRate": 1, "DurationInSeconds": 5},
                    {"InitialNumberOfUsers": 1, "SpawnRate": 1, "DurationInSeconds": 5},
                ],
            },
            "ResourceLimit": {"MaxNumberOfTests": 10, "MaxParallelOfTests": 3},
            "EndpointConfigurations": [
                {"InstanceType": "ml.c5.xlarge"},
                {"InstanceType": "ml.m5.xlarge"},
                {"InstanceType": "ml.r5.xlarge"},
            ],
        },
        StoppingConditions={
            "MaxInvocations": 1000,
            "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}],
            "FlatInvocations": "Stop",
        },
    )
    return ended(sagemaker, load_test_job_name)


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


def test_its_client_metrics_are_in_cloudwatch(aws: Any, job: dict[str, Any]) -> None:
    found = aws("cloudwatch").list_metrics(
        Namespace="/aws/sagemaker/InferenceRecommendationsJobs",
        Dimensions=[{"Name": "JobName", "Value": job["JobName"]}],
    )["Metrics"]
    names = {each["MetricName"] for each in found}
    assert {"ClientInvocations", "ClientLatency", "NumberOfUsers"} <= names


def test_its_log_is_where_the_sdk_looks(aws: Any, job: dict[str, Any]) -> None:
    told = aws("logs").get_log_events(
        logGroupName="/aws/sagemaker/InferenceRecommendationsJobs",
        logStreamName=f"{job['JobName']}/execution",
    )
    assert told["events"]


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
