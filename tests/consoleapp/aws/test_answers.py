"""Answers are read back with botocore's own parsers: what they understand is what SDKs see."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.parsers import create_parser

from consoleapp.aws import answers, services
from consoleapp.aws.answers import Protocol
from consoleapp.aws.faults import Fault

WHEN = datetime(2021, 10, 26, 19, 38, 30, 957000, tzinfo=UTC)
PARSERS = {
    Protocol.JSON: "json",
    Protocol.QUERY: "query",
    Protocol.CBOR: "smithy-rpc-v2-cbor",
}


def read_back(protocol: Protocol, service: str, name: str, result: Any) -> Any:
    operation = services.operation(service, name)
    assert operation is not None
    body = answers.body(protocol, operation, result, "request-1")
    parsed = create_parser(PARSERS[protocol]).parse(
        {"status_code": 200, "headers": {"smithy-protocol": "rpc-v2-cbor"}, "body": body},
        operation.output_shape,
    )
    parsed.pop("ResponseMetadata", None)
    return parsed


def test_a_cost_is_kept_in_single_precision_as_at_aws() -> None:
    metrics = {"CostPerHour": 0.69, "CostPerInference": 0.69 / (1113 * 60), "MaxInvocations": 1113}
    back = read_back(
        Protocol.JSON,
        "sagemaker",
        "DescribeInferenceRecommendationsJob",
        {"InferenceRecommendations": [{"Metrics": metrics}]},
    )
    told = back["InferenceRecommendations"][0]["Metrics"]
    assert told["CostPerHour"] == 0.6899999976158142
    assert math.isclose(told["CostPerInference"], 1.0332434612791985e-05, rel_tol=1e-7)
    assert told["MaxInvocations"] == 1113


@pytest.mark.parametrize("protocol", list(Protocol))
def test_metric_data_reads_the_same_in_every_protocol(protocol: Protocol) -> None:
    result = {
        "MetricDataResults": [
            {"Id": "m1", "Label": "a < b & c", "Timestamps": [WHEN], "Values": [1.5, 2.0]}
        ]
    }
    assert read_back(protocol, "cloudwatch", "GetMetricData", result) == result


def test_absent_members_are_left_out() -> None:
    back = read_back(
        Protocol.JSON, "sagemaker", "DescribeEndpoint", {"EndpointName": "e", "FailureReason": None}
    )
    assert back == {"EndpointName": "e"}


@pytest.mark.parametrize("protocol", list(Protocol))
def test_an_error_carries_its_code_and_message(protocol: Protocol) -> None:
    fault = Fault("ResourceInUse", "It <exists> already", 400)
    operation = services.operation("sagemaker", "CreateModel")
    assert operation is not None
    parsed = create_parser(PARSERS[protocol]).parse(
        {
            "status_code": 400,
            "headers": {"smithy-protocol": "rpc-v2-cbor"},
            "body": answers.error_body(protocol, fault, "request-1"),
        },
        operation.output_shape,
    )
    assert parsed["Error"]["Code"] == "ResourceInUse"
    assert parsed["Error"]["Message"] == "It <exists> already"
