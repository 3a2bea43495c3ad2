"""GetMetricData's expressions through boto3, on metrics that were put a moment ago."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.live import wait_for

#: Of five minutes: calls in all but the last, errors in some.
CALLS = [100.0, 200.0, 400.0, 500.0]
ERRORS = [10.0, None, 20.0, 5.0]


@pytest.fixture(scope="module")
def cloudwatch(aws: ClientOf) -> Any:
    return aws("cloudwatch")


@pytest.fixture(scope="module")
def start() -> datetime:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return now - timedelta(minutes=10)


@pytest.fixture(scope="module")
def namespace(cloudwatch: Any, start: datetime) -> str:
    """With its metrics in it."""
    name = f"Math/{uuid.uuid4().hex[:10]}"
    cloudwatch.put_metric_data(
        Namespace=name,
        MetricData=[
            {"MetricName": metric, "Value": value, "Timestamp": start + timedelta(minutes=minute)}
            for metric, values in (("Calls", CALLS), ("Errors", ERRORS))
            for minute, value in enumerate(values)
            if value is not None
        ],
    )
    wait_for(
        "the metrics",
        lambda: len(cloudwatch.list_metrics(Namespace=name)["Metrics"]) == 2,
        every_s=0.2,
    )
    return name


def metric(namespace: str, name: str, of: str, **changes: Any) -> dict[str, Any]:
    stat = {"Metric": {"Namespace": namespace, "MetricName": of}, "Period": 60, "Stat": "Sum"}
    return {"Id": name, "MetricStat": stat, **changes}


def asked(cloudwatch: Any, start: datetime, *queries: dict[str, Any]) -> list[dict[str, Any]]:
    told = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=start,
        EndTime=start + timedelta(minutes=5),
        ScanBy="TimestampAscending",
    )
    return list(told["MetricDataResults"])


def test_an_error_rate_in_percent_is_computed(
    cloudwatch: Any, namespace: str, start: datetime
) -> None:
    (rate,) = asked(
        cloudwatch,
        start,
        metric(namespace, "calls", "Calls", ReturnData=False),
        metric(namespace, "errors", "Errors", ReturnData=False),
        {"Id": "rate", "Expression": "100 * errors / calls", "Label": "Error rate"},
    )
    assert (rate["Id"], rate["Label"], rate["StatusCode"]) == ("rate", "Error rate", "Complete")
    assert rate["Values"] == pytest.approx([10, 0, 5, 1])
    assert rate["Timestamps"] == [start + timedelta(minutes=n) for n in range(4)]


def test_gaps_are_filled_to_the_end_of_the_range(
    cloudwatch: Any, namespace: str, start: datetime
) -> None:
    filled, repeated = asked(
        cloudwatch,
        start,
        metric(namespace, "errors", "Errors", ReturnData=False),
        {"Id": "e1", "Expression": "FILL(errors, 0)"},
        {"Id": "e2", "Expression": "FILL(errors, REPEAT)"},
    )
    assert filled["Values"] == [10, 0, 20, 5, 0]
    assert repeated["Values"] == [10, 10, 20, 5, 5]


def test_an_expression_of_several_metrics_gives_one_result_for_each(
    cloudwatch: Any, namespace: str, start: datetime
) -> None:
    found = asked(
        cloudwatch,
        start,
        metric(namespace, "calls", "Calls", ReturnData=False),
        metric(namespace, "errors", "Errors", ReturnData=False),
        {"Id": "all", "Expression": "METRICS() / PERIOD(calls)", "Label": "per second"},
    )
    assert [(each["Id"], each["Label"]) for each in found] == [
        ("all", "per second Calls"),
        ("all", "per second Errors"),
    ]
    assert found[0]["Values"] == pytest.approx([value / 60 for value in CALLS])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"Id": "e1", "Expression": "calls / nothing"}, "Undefined variable 'nothing'"),
        ({"Id": "e1", "Expression": "calls +"}, "Error in expression 'e1': Unexpected end"),
        ({"Id": "e1", "Expression": "AVG(calls)"}, "scalar"),
        ({"Id": "e1", "Expression": "SEARCH('x', 'Sum')"}, "Function 'SEARCH' not found"),
        ({"Id": "calls", "Expression": "1"}, "not unique"),
        ({"Id": "E1", "Expression": "calls"}, "expected pattern"),
        ({"Id": "e1"}, "Exactly one"),
    ],
)
def test_a_wrong_expression_is_refused_in_cloudwatch_s_words(
    cloudwatch: Any, namespace: str, start: datetime, query: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told) as caught:
        asked(cloudwatch, start, metric(namespace, "calls", "Calls"), query)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
