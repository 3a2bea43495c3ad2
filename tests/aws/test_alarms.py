"""CloudWatch alarms through boto3: put, judged for real, read back with their history."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.live import wait_for


@pytest.fixture(scope="module")
def cloudwatch(aws: ClientOf) -> Any:
    return aws("cloudwatch")


@pytest.fixture
def name() -> str:
    return f"alarm-{uuid.uuid4().hex[:10]}"


def put(cloudwatch: Any, name: str, **changes: Any) -> None:
    members = {
        "AlarmName": name,
        "Namespace": f"Tests/{name}",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "Threshold": 3.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **changes,
    }
    cloudwatch.put_metric_alarm(**members)


def state_of(cloudwatch: Any, name: str) -> str:
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def test_an_alarm_goes_off_when_its_metric_crosses_the_threshold(
    cloudwatch: Any, name: str
) -> None:
    put(cloudwatch, name)
    assert state_of(cloudwatch, name) == "INSUFFICIENT_DATA"

    def in_alarm() -> bool:
        cloudwatch.put_metric_data(
            Namespace=f"Tests/{name}", MetricData=[{"MetricName": "Errors", "Value": 10.0}]
        )
        return state_of(cloudwatch, name) == "ALARM"

    wait_for("the alarm", in_alarm, timeout_s=90, every_s=1)
    items = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    assert items["AlarmHistoryItems"][0]["HistorySummary"].endswith("to ALARM")
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_a_state_set_by_hand_shows(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name, Period=3600)
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (alarm["StateValue"], alarm["StateReason"]) in (
        ("ALARM", "a rehearsal"),
        # Beat may have looked meanwhile, and there is no datum.
        ("OK", alarm["StateReason"]),
    )
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_alarms_are_listed_by_prefix_and_state_in_pages(cloudwatch: Any, name: str) -> None:
    names = [f"{name}-{n}" for n in range(5)]
    for each in names:
        put(cloudwatch, each)
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=name, PaginationConfig={"PageSize": 2}
    )
    assert [a["AlarmName"] for page in pages for a in page["MetricAlarms"]] == names
    assert not cloudwatch.describe_alarms(AlarmNamePrefix=name, StateValue="ALARM")["MetricAlarms"]
    cloudwatch.delete_alarms(AlarmNames=names)
    assert not cloudwatch.describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]


def test_deleting_with_a_wrong_name_deletes_none(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name)
    with pytest.raises(ClientError) as caught:
        cloudwatch.delete_alarms(AlarmNames=[name, f"{name}-missing"])
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
    assert state_of(cloudwatch, name)
    cloudwatch.delete_alarms(AlarmNames=[name])


@pytest.mark.parametrize(
    "changes",
    [
        {"Period": 7},
        {"ExtendedStatistic": "p99"},
        {"TreatMissingData": "guess"},
        {"ComparisonOperator": "LessThanLowerThreshold"},
    ],
)
def test_an_alarm_that_cannot_be_judged_is_refused(
    cloudwatch: Any, name: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        put(cloudwatch, name, **changes)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert not cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]


def test_an_alarm_watches_an_expression_of_metrics(cloudwatch: Any, name: str) -> None:
    def metric(of: str) -> dict[str, Any]:
        told = {"Namespace": f"Tests/{name}", "MetricName": of}
        return {"Metric": told, "Period": 10, "Stat": "Sum"}

    metrics = [
        {"Id": "rate", "Expression": "100 * errors / calls", "Label": "Errors in percent"},
        {"Id": "errors", "MetricStat": metric("Errors"), "ReturnData": False},
        {"Id": "calls", "MetricStat": metric("Calls"), "ReturnData": False},
    ]
    whole = {
        "AlarmName": name,
        "Metrics": metrics,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(**whole)
    (told,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert told["Metrics"] == metrics
    assert "MetricName" not in told

    def in_alarm() -> bool:
        data = [
            {"MetricName": "Errors", "Value": 10.0},
            {"MetricName": "Calls", "Value": 100.0},
        ]
        cloudwatch.put_metric_data(Namespace=f"Tests/{name}", MetricData=data)
        return state_of(cloudwatch, name) == "ALARM"

    wait_for("the alarm", in_alarm, timeout_s=90, every_s=1)
    with pytest.raises(ClientError, match="Statistic should not be set if list of Metrics is set"):
        cloudwatch.put_metric_alarm(**whole, Statistic="Sum")
    with pytest.raises(ClientError, match="Exactly one element of the metrics list"):
        cloudwatch.put_metric_alarm(**{**whole, "Metrics": metrics[1:]})
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_a_percentile_of_few_samples_can_be_left_alone(cloudwatch: Any, name: str) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=f"Tests/{name}",
        MetricName="Latency",
        ExtendedStatistic="p99",
        EvaluateLowSampleCountPercentile="ignore",
        Period=60,
        EvaluationPeriods=1,
        Threshold=3.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    (told,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert told["EvaluateLowSampleCountPercentile"] == "ignore"
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_tags_of_an_alarm_are_kept_and_go_with_it(cloudwatch: Any, name: str) -> None:
    def told() -> list[dict[str, str]]:
        return list(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"])

    put(cloudwatch, name, Tags=[{"Key": "team", "Value": "a"}])
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    arn = alarm["AlarmArn"]
    # As documented: tags given for an alarm that is there already are ignored.
    put(cloudwatch, name, Tags=[{"Key": "team", "Value": "b"}])
    assert told() == [{"Key": "team", "Value": "a"}]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "stage", "Value": "test"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert told() == [{"Key": "stage", "Value": "test"}]
    cloudwatch.delete_alarms(AlarmNames=[name])
    with pytest.raises(ClientError) as caught:
        told()
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    put(cloudwatch, name)
    assert told() == []
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_actions_are_switched_off_and_on(cloudwatch: Any, name: str) -> None:
    def enabled() -> bool:
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return bool(alarm["ActionsEnabled"])

    put(cloudwatch, name)
    cloudwatch.disable_alarm_actions(AlarmNames=[name, f"{name}-missing"])
    assert not enabled()
    cloudwatch.enable_alarm_actions(AlarmNames=[name])
    assert enabled()
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_the_alarms_of_a_metric_are_found(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name, Dimensions=[{"Name": "EndpointName", "Value": name}])
    found = cloudwatch.describe_alarms_for_metric(
        Namespace=f"Tests/{name}",
        MetricName="Errors",
        Dimensions=[{"Name": "EndpointName", "Value": name}],
    )
    assert [alarm["AlarmName"] for alarm in found["MetricAlarms"]] == [name]
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_an_alarm_in_a_unit_keeps_it(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name, Unit="Seconds")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["Unit"] == "Seconds"
    asked = {"Namespace": f"Tests/{name}", "MetricName": "Errors"}
    for unit, found in (("Seconds", 1), ("Count", 0)):
        told = cloudwatch.describe_alarms_for_metric(**asked, Unit=unit)
        assert len(told["MetricAlarms"]) == found
    cloudwatch.delete_alarms(AlarmNames=[name])
