"""Data capture and shadow variants by boto3 alone: what was sent is read back from S3."""

import contextlib
import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.aws.conftest import ClientOf
from tests.live import Console, wait_for

PRODUCTION, SHADOW = "breast-cancer-xgboost-small", "breast-cancer-xgboost-large"
ROW = ",".join(["0.5"] * 30)
TYPES = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
INVOCATIONS = 40


def variant(name: str, model: str, weight: float = 1.0) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.c5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": weight,
    }


@pytest.fixture(scope="module")
def s3(aws: ClientOf) -> Any:
    return aws("s3")


@pytest.fixture(scope="module")
def runtime(aws: ClientOf) -> Any:
    return aws("sagemaker-runtime")


@pytest.fixture(scope="module")
def cloudwatch(aws: ClientOf) -> Any:
    return aws("cloudwatch")


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    name = f"captured-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any, bucket: str) -> Iterator[str]:
    """One production variant and a shadow that gets half of its requests; all are captured."""
    name = f"capture-{uuid.uuid4().hex[:8]}"
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[variant("production", PRODUCTION)],
        ShadowProductionVariants=[variant("shadow", SHADOW, 0.5)],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{bucket}/monitor",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": TYPES,
        },
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 240}
    )
    yield name
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


@pytest.fixture(scope="module")
def answers(runtime: Any, endpoint: str) -> dict[str, str]:
    """What production answered, by request id; every invocation carries an id of its own."""
    found = {}
    for number in range(INVOCATIONS):
        told = runtime.invoke_endpoint(
            EndpointName=endpoint,
            Body=ROW,
            ContentType="text/csv",
            InferenceId=f"row-{number}",
            CustomAttributes="tenant=a",
        )
        assert told["InvokedProductionVariant"] == "production"
        found[told["ResponseMetadata"]["RequestId"]] = told["Body"].read().decode()
    return found


def keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return [one["Key"] for one in found]


def captured(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    found = keys(s3, bucket, prefix)
    files = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in found]
    return [json.loads(line) for file in files for line in file.splitlines()]


def test_every_captured_invocation_is_read_back_from_s3(
    s3: Any, bucket: str, endpoint: str, answers: dict[str, str]
) -> None:
    prefix = f"monitor/{endpoint}/production/"
    lines = wait_for(
        "all captured records",
        lambda: (found := captured(s3, bucket, prefix)) and len(found) == INVOCATIONS and found,
        timeout_s=120,
    )
    layout = re.compile(rf"{prefix}\d{{4}}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{{3}}-[0-9a-f-]{{36}}\.jsonl")
    assert all(layout.fullmatch(key) for key in keys(s3, bucket, prefix))
    assert {one["eventMetadata"]["eventId"] for one in lines} == set(answers)
    for one in lines:
        metadata, sides = one["eventMetadata"], one["captureData"]
        assert sides["endpointInput"] == {
            "observedContentType": "text/csv",
            "mode": "INPUT",
            "data": ROW,
            "encoding": "CSV",
        }
        assert sides["endpointOutput"]["data"] == answers[metadata["eventId"]]
        assert sides["endpointOutput"]["encoding"] == "CSV"
        assert metadata["inferenceId"].startswith("row-")
        assert metadata["customAttributes"] == ["tenant=a"]
        assert one["eventVersion"] == "0"


def test_the_endpoint_says_that_it_captures(
    sagemaker: Any, bucket: str, endpoint: str, console: Console, answers: dict[str, str]
) -> None:
    told = sagemaker.describe_endpoint(EndpointName=endpoint)["DataCaptureConfig"]
    assert told == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/monitor",
        "KmsKeyId": "",
    }
    shown = wait_for(
        "the counts of the page",
        lambda: (
            (found := console.get(f"/endpoints/{endpoint}")["data_capture"])
            and found["captured"] > INVOCATIONS
            and found
        ),
        timeout_s=120,
    )
    assert (shown["status"], shown["dropped"], shown["problem"]) == ("Started", 0, "")
    with contextlib.closing(console.browser_session()) as browser:
        page = browser.get(f"/console/endpoints/{endpoint}").text
    assert f"s3://{bucket}/monitor" in page
    assert "Records captured" in page


def test_a_shadow_gets_its_share_and_is_captured_and_counted_under_its_name(
    s3: Any, cloudwatch: Any, bucket: str, endpoint: str, answers: dict[str, str]
) -> None:
    wait_for(
        "production's metric",
        lambda: invocations(cloudwatch, endpoint, "production") == INVOCATIONS,
    )
    lines = wait_for(
        "the shadow's captured records",
        lambda: (
            (found := captured(s3, bucket, f"monitor/{endpoint}/shadow/"))
            and len(found) == invocations(cloudwatch, endpoint, "shadow")
            and found
        ),
        timeout_s=120,
    )
    # Binomial of 40 at one half: 1 in 10 000 lies outside.
    assert 7 <= len(lines) <= 33
    ids = {one["eventMetadata"]["inferenceId"] for one in lines}
    assert ids <= {f"row-{number}" for number in range(INVOCATIONS)}
    assert not {one["eventMetadata"]["eventId"] for one in lines} & set(answers)


def invocations(cloudwatch: Any, endpoint: str, name: str) -> float:
    now = datetime.now(UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": name},
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in points)


def test_a_shadow_is_described_apart_and_is_no_target(
    sagemaker: Any, runtime: Any, endpoint: str
) -> None:
    told = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert [one["VariantName"] for one in told["ProductionVariants"]] == ["production"]
    assert [one["VariantName"] for one in told["ShadowProductionVariants"]] == ["shadow"]
    with pytest.raises(runtime.exceptions.ClientError, match="Variant shadow .* not found"):
        runtime.invoke_endpoint(
            EndpointName=endpoint, Body=ROW, ContentType="text/csv", TargetVariant="shadow"
        )
