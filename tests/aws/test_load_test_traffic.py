"""What AWS's guide to load tests has in its comments: stairs, going on when flat, serverless."""

from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.aws.load_tests import ROLE, ended, name_of

STAIRS = {"DurationInSeconds": 10, "NumberOfSteps": 2, "UsersPerStep": 2}


def request(package: str, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "ModelPackageVersionArn": package,
        "JobDurationInSeconds": 7200,
        "TrafficPattern": {"TrafficType": "STAIRS", "Stairs": STAIRS},
        "ResourceLimit": {"MaxNumberOfTests": 10, "MaxParallelOfTests": 3},
        "EndpointConfigurations": [{"InstanceType": "ml.c5.xlarge"}],
        **changes,
    }
    return {
        "JobName": name_of("stairs"),
        "JobType": "Advanced",
        "RoleArn": ROLE,
        "InputConfig": given,
        "StoppingConditions": {
            "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 5000}],
            "FlatInvocations": "Continue",
        },
    }


def test_users_come_in_steps_and_the_test_goes_on_when_it_is_flat(
    aws: ClientOf, sagemaker: Any, package: str
) -> None:
    sent = request(package)
    sagemaker.create_inference_recommendations_job(**sent)
    told = ended(sagemaker, sent["JobName"])
    assert told["Status"] == "COMPLETED", told.get("FailureReason")
    assert told["InputConfig"]["TrafficPattern"]["Stairs"] == STAIRS
    assert told["StoppingConditions"]["FlatInvocations"] == "Continue"
    (found,) = told["InferenceRecommendations"]
    # Until its end: both steps of five seconds.
    took = found["InvocationEndTime"] - found["InvocationStartTime"]
    assert took >= timedelta(seconds=9)
    points = aws("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/InferenceRecommendationsJobs",
        MetricName="NumberOfUsers",
        Dimensions=[
            {"Name": "JobName", "Value": sent["JobName"]},
            {"Name": "EndpointName", "Value": found["EndpointConfiguration"]["EndpointName"]},
        ],
        StartTime=told["CreationTime"],
        EndTime=told["CompletionTime"],
        Period=1,
        Statistics=["Maximum"],
    )["Datapoints"]
    seen = [point["Maximum"] for point in sorted(points, key=itemgetter("Timestamp"))]
    # Nobody is there before the first second and after the last.
    assert [users for users, _ in groupby(seen) if users] == [2.0, 4.0]


def test_a_serverless_configuration_is_refused_with_its_reason(
    sagemaker: Any, package: str
) -> None:
    serverless = {"ServerlessConfig": {"MaxConcurrency": 10, "MemorySizeInMB": 2048}}
    sent = request(package, EndpointConfigurations=[serverless])
    with pytest.raises(ClientError, match="erverless") as caught:
        sagemaker.create_inference_recommendations_job(**sent)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
