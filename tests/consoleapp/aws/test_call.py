import gzip
import json

import cbor2
import pytest

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.aws import call
from consoleapp.aws.answers import Protocol
from consoleapp.aws.faults import NotImplementedHere, SerializationFailed, UnknownOperation

JSON_HEADERS = {"content-type": "application/x-amz-json-1.1"}


def sagemaker(operation: str, params: object) -> call.Called:
    headers = {**JSON_HEADERS, "x-amz-target": f"SageMaker.{operation}"}
    return call.read("/", headers, json.dumps(params).encode())


def test_a_json_call_names_its_operation_in_the_target() -> None:
    called = sagemaker("DescribeEndpoint", {"EndpointName": "churn"})
    assert (called.protocol, called.service) == (Protocol.JSON, "sagemaker")
    assert called.params() == {"EndpointName": "churn"}


def test_a_cbor_call_names_its_operation_in_the_path() -> None:
    body = cbor2.dumps({"Namespace": "AWS/SageMaker"})
    called = call.read("/service/GraniteServiceVersion20100801/operation/ListMetrics", {}, body)
    assert (called.protocol, called.service) == (Protocol.CBOR, "cloudwatch")
    assert called.params() == {"Namespace": "AWS/SageMaker"}


def test_a_form_names_its_operation_and_version() -> None:
    body = (
        b"Action=CreateTopic&Version=2010-03-31&Name=done&Tags.member.1.Key=k&Tags.member.1.Value=v"
    )
    called = call.read("/", {}, body)
    assert (called.protocol, called.service) == (Protocol.QUERY, "sns")
    assert called.params() == {"Name": "done", "Tags": [{"Key": "k", "Value": "v"}]}


def test_a_long_body_may_come_compressed() -> None:
    body = b"x" * 100_000
    packed = gzip.compress(body)
    assert call.unpacked({"content-encoding": "gzip"}, packed, 100_000) == body
    assert call.unpacked({}, packed, 100_000) == packed


@pytest.mark.parametrize(
    ("body", "most"),
    [
        (gzip.compress(b"x" * 100_001), 100_000),
        (gzip.compress(b"x" * 100_000)[:-1], 100_000),
        (b"{}", 100_000),
        (b"", 100_000),
    ],
)
def test_a_compressed_body_that_is_cut_or_grows_is_refused(body: bytes, most: int) -> None:
    with pytest.raises(SerializationFailed):
        call.unpacked({"content-encoding": "gzip"}, body, most)


def test_a_missing_member_is_named_in_aws_s_words() -> None:
    with pytest.raises(ValidationFailed) as caught:
        sagemaker("DescribeEndpoint", {}).params()
    assert caught.value.message == (
        "1 validation error detected: Value null at 'endpointName' failed to satisfy constraint:"
        " Member must not be null"
    )


def test_every_violation_is_told_with_its_place() -> None:
    variant = {"VariantName": "a b", "ModelName": "m", "InitialVariantWeight": -1}
    with pytest.raises(ValidationFailed) as caught:
        sagemaker(
            "CreateEndpointConfig", {"EndpointConfigName": "ok", "ProductionVariants": [variant]}
        ).params()
    assert caught.value.message.startswith("2 validation errors detected: ")
    assert "Value 'a b' at 'productionVariants.1.member.variantName'" in caught.value.message
    assert "Member must have value greater than or equal to 0" in caught.value.message


def test_an_unknown_enum_value_lists_the_known_ones() -> None:
    with pytest.raises(ValidationFailed, match=r"enum value set: \[Default, Advanced\]"):
        sagemaker(
            "CreateInferenceRecommendationsJob",
            {
                "JobName": "j",
                "JobType": "Quick",
                "RoleArn": "arn:aws:iam::123456789012:role/r",
                "InputConfig": {},
            },
        ).params()


@pytest.mark.parametrize("body", [b"{", b'{"EndpointName": NaN}', b"\xff"])
def test_a_body_that_is_not_json_is_a_serialization_error(body: bytes) -> None:
    headers = {**JSON_HEADERS, "x-amz-target": "SageMaker.DescribeEndpoint"}
    with pytest.raises(SerializationFailed):
        call.read("/", headers, body).params()


def test_a_number_where_text_belongs_is_a_serialization_error() -> None:
    with pytest.raises(SerializationFailed, match="NUMBER_VALUE cannot be converted to String"):
        sagemaker("DescribeEndpoint", {"EndpointName": 5}).params()


def test_an_operation_aws_does_not_have_is_unknown() -> None:
    with pytest.raises(UnknownOperation):
        sagemaker("DeleteEverything", {}).params()


def test_a_service_we_do_not_have_is_told_apart_from_an_unknown_operation() -> None:
    with pytest.raises(NotImplementedHere):
        call.read("/", {**JSON_HEADERS, "x-amz-target": "DynamoDB_20120810.PutItem"}, b"{}")


def test_nesting_without_end_is_refused() -> None:
    headers = {**JSON_HEADERS, "x-amz-target": "SageMaker.CreateModel"}
    body = b"[" * 100_000
    with pytest.raises(SerializationFailed):
        call.read("/", headers, body).params()
