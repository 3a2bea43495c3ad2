"""CloudWatch in the three wire formats that SDKs of different ages send, and the errors of each."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.aws import wire
from tests.aws.conftest import ClientOf
from tests.live import Console, wait_for

PROTOCOLS = ("json", "query", "smithy-rpc-v2-cbor")


@pytest.fixture(scope="module")
def namespace(aws: ClientOf) -> str:
    """Where four values lie: 1, 2, 3 and 10 milliseconds."""
    name = f"Protocols{uuid.uuid4().hex[:8]}"
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_data(
        Namespace=name,
        MetricData=[
            {
                "MetricName": "Latency",
                "Dimensions": [{"Name": "Stage", "Value": "test"}],
                "Values": [1.0, 2.0, 3.0, 10.0],
                "Unit": "Milliseconds",
            }
        ],
    )
    wait_for("the metric", lambda: cloudwatch.list_metrics(Namespace=name)["Metrics"])
    return name


def test_many_values_come_compressed(aws: ClientOf) -> None:
    """boto3 does so from 10 KiB on."""
    name, cloudwatch = f"Protocols{uuid.uuid4().hex[:8]}", aws("cloudwatch")
    data = [{"MetricName": f"{'m' * 40}{number}", "Value": 1.0} for number in range(300)]
    cloudwatch.put_metric_data(
        Namespace=name, MetricData=data[:290], EntityMetricData=[{"MetricData": data[290:]}]
    )

    def listed() -> int:
        pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=name)
        return sum(len(page["Metrics"]) for page in pages)

    wait_for("all metrics", lambda: listed() == len(data))


def whole_hour() -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_metrics_are_listed(console: Console, namespace: str, protocol: str) -> None:
    told = wire.call(
        console.credentials,
        "cloudwatch",
        "ListMetrics",
        {"Namespace": namespace, "MetricName": "Latency"},
        protocol=protocol,
    )
    assert told["Metrics"] == [
        {
            "Namespace": namespace,
            "MetricName": "Latency",
            "Dimensions": [{"Name": "Stage", "Value": "test"}],
        }
    ]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_statistics_and_percentiles_are_read(
    console: Console, namespace: str, protocol: str
) -> None:
    told = wire.call(
        console.credentials,
        "cloudwatch",
        "GetMetricStatistics",
        {
            "Namespace": namespace,
            "MetricName": "Latency",
            "Dimensions": [{"Name": "Stage", "Value": "test"}],
            **whole_hour(),
            "Period": 3600 * 2,
            "Statistics": ["Sum", "SampleCount", "Maximum"],
            "ExtendedStatistics": ["p50"],
        },
        protocol=protocol,
    )
    points = told["Datapoints"]
    assert sum(point["Sum"] for point in points) == 16.0
    assert sum(point["SampleCount"] for point in points) == 4.0
    assert max(point["Maximum"] for point in points) == 10.0
    assert points[0]["ExtendedStatistics"]["p50"] == pytest.approx(2.0, rel=0.02)
    assert points[0]["Timestamp"].tzinfo is not None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_data_is_put_and_read_back(
    console: Console, aws: ClientOf, namespace: str, protocol: str
) -> None:
    metric = f"Put{protocol.replace('-', '')}"
    datum = {"MetricName": metric, "Value": 7.5, "Timestamp": datetime.now(UTC)}
    params = {"Namespace": namespace, "MetricData": [datum]}
    told = wire.call(console.credentials, "cloudwatch", "PutMetricData", params, protocol=protocol)
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 200
    query: dict[str, Any] = {
        "Id": "m",
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": metric},
            "Period": 60,
            "Stat": "Sum",
        },
    }

    def values() -> list[float]:
        asked = {"MetricDataQueries": [query], **whole_hour()}
        answer = wire.call(
            console.credentials, "cloudwatch", "GetMetricData", asked, protocol=protocol
        )
        return list(answer["MetricDataResults"][0]["Values"])

    assert wait_for("the value", values) == [7.5]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_alarm_lives_and_dies(console: Console, protocol: str) -> None:
    def ask(operation: str, **params: Any) -> dict[str, Any]:
        return wire.call(console.credentials, "cloudwatch", operation, params, protocol=protocol)

    name = f"p-{uuid.uuid4().hex[:8]}"
    put = ask(
        "PutMetricAlarm",
        AlarmName=name,
        Namespace="Nowhere",
        MetricName="Nothing",
        Dimensions=[{"Name": "EndpointName", "Value": "e"}],
        ExtendedStatistic="p99",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5.5,
        ComparisonOperator="GreaterThanThreshold",
    )
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 200
    ask("SetAlarmState", AlarmName=name, StateValue="OK", StateReason="by hand")
    (alarm,) = ask("DescribeAlarms", AlarmNames=[name])["MetricAlarms"]
    assert (alarm["Threshold"], alarm["ExtendedStatistic"]) == (5.5, "p99")
    assert alarm["Dimensions"] == [{"Name": "EndpointName", "Value": "e"}]
    assert ask("DescribeAlarmHistory", AlarmName=name)["AlarmHistoryItems"]
    ask("DeleteAlarms", AlarmNames=[name])
    assert ask("DescribeAlarms", AlarmNames=[name])["MetricAlarms"] == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_error_is_read_by_each_parser(console: Console, protocol: str) -> None:
    told = wire.call(
        console.credentials,
        "cloudwatch",
        "SetAlarmState",
        {"AlarmName": "no-such-alarm", "StateValue": "OK", "StateReason": ""},
        protocol=protocol,
    )
    assert told["Error"]["Code"] == "ResourceNotFound"
    assert "no-such-alarm" in told["Error"]["Message"]
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert told["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_wrong_key_is_told_in_the_caller_s_protocol(console: Console, protocol: str) -> None:
    stranger = {**console.credentials, "AWS_ACCESS_KEY_ID": "AKIANOBODY"}
    told = wire.call(stranger, "cloudwatch", "ListMetrics", {}, protocol=protocol)
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 403
    wanted = "InvalidClientTokenId" if protocol == "query" else "UnrecognizedClientException"
    assert told["Error"]["Code"] == wanted


def test_a_signature_older_than_five_minutes_is_refused(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=6)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: long_ago)
    told = wire.call(console.credentials, "sagemaker", "ListModels", {}, protocol="json")
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert told["Error"]["Code"] == "InvalidSignatureException"
    assert "Signature expired" in told["Error"]["Message"]
    assert time.time() - long_ago.timestamp() > 300
