"""InvokeEndpoint through the public address: every header, and AWS's errors."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.aws.conftest import ClientOf
from tests.live import wait_for

SAMPLE = "breast-cancer-xgboost-small"
ROW = ",".join(["0.5"] * 30)


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any) -> Iterator[str]:
    name = f"rt-{uuid.uuid4().hex[:8]}"
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": variant,
                "ModelName": SAMPLE,
                "InstanceType": "ml.c5.large",
                "InitialInstanceCount": 1,
                "InitialVariantWeight": weight,
            }
            for variant, weight in (("first", 1.0), ("second", 0.0))
        ],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 240}
    )
    yield name
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


@pytest.fixture(scope="module")
def runtime(aws: ClientOf) -> Any:
    return aws("sagemaker-runtime")


def refused(runtime: Any, **params: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        runtime.invoke_endpoint(**params)
    return dict(caught.value.response)


def test_an_invocation_answers_with_its_variant_and_headers(runtime: Any, endpoint: str) -> None:
    told = runtime.invoke_endpoint(
        EndpointName=endpoint,
        Body=ROW,
        ContentType="text/csv",
        Accept="text/csv",
        CustomAttributes="c=1",
        InferenceId="inference-1",
    )
    assert 0.0 <= float(told["Body"].read()) <= 1.0
    assert told["InvokedProductionVariant"] == "first"
    assert told["ContentType"].startswith("text/csv")
    assert told["ResponseMetadata"]["RequestId"]


def test_a_target_variant_overrides_the_weights(runtime: Any, endpoint: str) -> None:
    told = runtime.invoke_endpoint(
        EndpointName=endpoint, Body=ROW, ContentType="text/csv", TargetVariant="second"
    )
    assert told["InvokedProductionVariant"] == "second"


def test_a_stream_brings_the_same_answer(runtime: Any, endpoint: str) -> None:
    plain = runtime.invoke_endpoint(EndpointName=endpoint, Body=ROW, ContentType="text/csv")
    streamed = runtime.invoke_endpoint_with_response_stream(
        EndpointName=endpoint, Body=ROW, ContentType="text/csv"
    )
    parts = [event["PayloadPart"]["Bytes"] for event in streamed["Body"]]
    assert b"".join(parts) == plain["Body"].read()
    assert streamed["InvokedProductionVariant"] == "first"


def test_a_model_s_refusal_is_a_model_error(runtime: Any, endpoint: str) -> None:
    answer = refused(runtime, EndpointName=endpoint, Body="not,numbers", ContentType="text/csv")
    assert answer["Error"]["Code"] == "ModelError"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert 400 <= answer["OriginalStatusCode"] < 600
    assert answer["OriginalMessage"]
    assert f"/aws/sagemaker/Endpoints/{endpoint}" in answer["LogStreamArn"]
    assert "from first with message" in answer["Error"]["Message"] or (
        "from primary with message" in answer["Error"]["Message"]
    )


@pytest.mark.parametrize(
    "changes",
    [{"EndpointName": "nowhere"}, {"TargetVariant": "third"}],
)
def test_what_does_not_exist_is_a_validation_error(
    runtime: Any, endpoint: str, changes: dict[str, str]
) -> None:
    answer = refused(
        runtime, **{"EndpointName": endpoint, "Body": ROW, "ContentType": "text/csv", **changes}
    )
    assert answer["Error"]["Code"] == "ValidationError"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_body_beyond_the_limit_is_refused(runtime: Any, endpoint: str) -> None:
    answer = refused(
        runtime, EndpointName=endpoint, Body=b"0" * (6 * 1024 * 1024 + 1), ContentType="text/csv"
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] in (400, 413)


def test_a_stranger_finds_no_endpoint(strangers: ClientOf, endpoint: str) -> None:
    theirs = strangers("sagemaker-runtime")

    def code() -> str:
        answer = refused(theirs, EndpointName=endpoint, Body=ROW, ContentType="text/csv")
        return str(answer["Error"]["Code"])

    # The key was made outside the console: the gateway hears of it with the next sweep.
    wait_for("the gateway to know the key", lambda: code() != "UnrecognizedClientException")
    assert code() == "ValidationError"
    with pytest.raises(ClientError, match="Could not find endpoint"):
        strangers("sagemaker").describe_endpoint(EndpointName=endpoint)


def test_asynchronous_invocations_come_later(runtime: Any, endpoint: str) -> None:
    with pytest.raises(ClientError) as caught:
        runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation="s3://b/k")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "InvokeEndpointAsync" in caught.value.response["Error"]["Message"]


def test_an_endpoint_that_cannot_load_its_model_fails_with_the_reason(sagemaker: Any) -> None:
    name = f"rt-{uuid.uuid4().hex[:8]}"
    bucket = "sagemaker-us-east-1-123456789012"
    container = {
        "Image": "inference-console/xgboost:3.2",
        "ModelDataUrl": f"s3://{bucket}/{name}/model.tar.gz",
    }
    sagemaker.create_model(ModelName=name, PrimaryContainer=container)
    variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.c5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    with pytest.raises(WaiterError, match="terminal failure state"):
        sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 240}
        )
    told = sagemaker.describe_endpoint(EndpointName=name)
    assert told["EndpointStatus"] == "Failed"
    assert container["ModelDataUrl"] in told["FailureReason"]
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.delete_model(ModelName=name)
