"""AWS's guide to custom load tests: the registered version, and the job that its example makes.

The phases are shorter than the guide's; an admin lowered the quota for that.
"""

import uuid
from typing import Any

import pytest

from tests.live import wait_for

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


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
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
