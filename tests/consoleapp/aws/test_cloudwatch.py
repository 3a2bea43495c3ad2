"""CloudWatch's reads: units, forged tokens, ranges; what the wire adds to the metrics store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.aws import cloudwatch
from consoleapp.aws.metric_data import get_metric_data
from tests.consoleapp.metrics.samples import DIMENSIONS, make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
METRIC = {
    "Namespace": "AWS/SageMaker",
    "MetricName": "ModelLatency",
    "Dimensions": [{"Name": name, "Value": value} for name, value in DIMENSIONS.items()],
}
NOW = datetime.now(UTC)
SET = {"SampleCount": 2.0, "Sum": 3.0, "Minimum": 1.0, "Maximum": 2.0}
SAME = [{"Name": "Stage", "Value": "test"}]
LONG = [{"Name": f"d{number}", "Value": "v" * 1000} for number in range(3)]
SPAN = {"StartTime": START, "EndTime": START + timedelta(minutes=5)}


@pytest.fixture(autouse=True)
def latencies(db: None) -> None:
    """Three in the first minute and one in the third, in microseconds."""
    at = int(START.timestamp())
    store(make_sample((1000.0, 2000.0, 3000.0), second=at), make_sample((9000.0,), second=at + 130))


def test_statistic_sets_have_no_percentiles_that_are_not_known(actor: Actor) -> None:
    at = int(START.timestamp()) + 60
    store(make_sample((1.0, 5.0), second=at, sketched=False, name="Set"))
    store(make_sample((4.0, 4.0), second=at + 60, sketched=False, name="Set"))
    (known,) = statistics(actor, MetricName="Set", Statistics=[], ExtendedStatistics=["p90"])
    assert known["ExtendedStatistics"] == {"p90": 4.0}
    first, _ = statistics(actor, MetricName="Set", ExtendedStatistics=["p90"])
    assert (first["Sum"], "ExtendedStatistics" in first) == (6.0, False)


def statistics(actor: Actor, **params: Any) -> list[dict[str, Any]]:
    given = {**METRIC, **SPAN, "Period": 60, "Statistics": ["Sum", "Maximum"], **params}
    return list(cloudwatch.get_metric_statistics(actor, given)["Datapoints"])


def test_a_datapoint_has_its_statistics_and_the_unit_it_was_reported_in(actor: Actor) -> None:
    first, last = statistics(actor)
    assert first == {
        "Timestamp": START,
        "Unit": "Microseconds",
        "Sum": 6000.0,
        "Maximum": 3000.0,
    }
    assert last["Timestamp"] == START + timedelta(minutes=2)


def test_a_unit_narrows_to_what_was_reported_in_it(actor: Actor) -> None:
    assert len(statistics(actor, Unit="Microseconds")) == 2
    assert statistics(actor, Unit="Milliseconds") == []


@pytest.mark.parametrize(("unit", "count"), [("Microseconds", 2), ("Seconds", 0)])
def test_a_unit_narrows_metric_data_too(actor: Actor, unit: str, count: int) -> None:
    stat = {"Metric": METRIC, "Period": 60, "Stat": "Sum", "Unit": unit}
    given = {**SPAN, "MetricDataQueries": [{"Id": "m", "MetricStat": stat}]}
    (told,) = get_metric_data(actor, given)["MetricDataResults"]
    assert len(told["Values"]) == count


def test_metric_data_of_no_time_is_refused_in_its_own_word(actor: Actor) -> None:
    stat = {"Metric": METRIC, "Period": 60, "Stat": "Average"}
    given = {**SPAN, "EndTime": START, "MetricDataQueries": [{"Id": "m", "MetricStat": stat}]}
    with pytest.raises(CallerError, match="StartTime must be less") as caught:
        get_metric_data(actor, given)
    assert caught.value.code == "ValidationError"


def test_percentiles_stand_apart_from_statistics(actor: Actor) -> None:
    (point, _) = statistics(actor, ExtendedStatistics=["p50"])
    assert point["ExtendedStatistics"]["p50"] == pytest.approx(2000.0, rel=0.02)
    assert "p50" not in point


def test_a_metric_that_nobody_reported_has_no_datapoints(actor: Actor) -> None:
    assert statistics(actor, MetricName="Nothing") == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Statistics": []}, "InvalidParameterValue"),
        ({"EndTime": START}, "InvalidParameterValue"),
        ({"StartTime": START - timedelta(days=90), "Period": 1}, "InvalidParameterValue"),
        ({"Period": 61}, "InvalidParameterValue"),
        ({"Statistics": [], "ExtendedStatistics": ["p101"]}, "ValidationException"),
    ],
)
def test_a_question_without_sense_is_refused(
    actor: Actor, params: dict[str, Any], code: str
) -> None:
    with pytest.raises(CallerError) as caught:
        statistics(actor, **params)
    assert caught.value.code == code


def test_metrics_are_listed_by_the_names_and_values_of_their_dimensions(actor: Actor) -> None:
    def listed(*dimensions: dict[str, str]) -> int:
        given = {"Namespace": "AWS/SageMaker", "Dimensions": list(dimensions)}
        return len(cloudwatch.list_metrics(actor, given)["Metrics"])

    assert listed({"Name": "EndpointName"}) == 1
    assert listed({"Name": "EndpointName", "Value": "churn"}) == 1
    assert listed({"Name": "EndpointName", "Value": "other"}) == 0
    assert listed({"Name": "JobName"}) == 0


@pytest.mark.parametrize("token", ["forged", "-1", "1.5", "9" * 5_000])
def test_a_forged_token_is_refused(actor: Actor, token: str) -> None:
    with pytest.raises(CallerError) as caught:
        cloudwatch.list_metrics(actor, {"NextToken": token})
    assert caught.value.code == "InvalidParameterValue"


def test_a_stranger_sees_no_metric(charlie: Actor) -> None:
    assert statistics(charlie) == []
    assert cloudwatch.list_metrics(charlie, {})["Metrics"] == []


@pytest.mark.parametrize("namespace", ["AWS/SageMaker", "/aws/sagemaker/Endpoints"])
def test_nobody_writes_into_aws_s_namespaces(actor: Actor, namespace: str) -> None:
    with pytest.raises(CallerError, match="Namespace is invalid"):
        cloudwatch.put_metric_data(actor, {"Namespace": namespace, "MetricData": []})


@pytest.mark.parametrize(
    "datum",
    [
        {"MetricName": "m"},
        {"MetricName": "m", "Values": [1.0, 2.0], "Counts": [1.0]},
        {"MetricName": "m", "Values": [1.0], "Counts": [0.0]},
        {"MetricName": "m", "Values": [1.0, 2.0], "Counts": [3.0, -1.0]},
        {"MetricName": "m", "Values": [1.0], "Counts": [1e300]},
        {"MetricName": "m", "Values": [1.7e308, 1.7e308]},
        {"MetricName": "m", "StatisticValues": {**SET, "SampleCount": 0.0}},
        {"MetricName": "m", "StatisticValues": {**SET, "Minimum": 5.0}},
        {"MetricName": "m", "Value": 1.0, "Timestamp": NOW - timedelta(days=15)},
        {"MetricName": "m", "Value": 1.0, "Timestamp": NOW + timedelta(hours=3)},
        {"MetricName": "m", "Value": 1.0, "Dimensions": LONG},
        {"MetricName": "m", "Value": 1.0, "Dimensions": [*SAME, *SAME]},
    ],
)
def test_a_datum_that_could_not_be_kept_is_refused(actor: Actor, datum: dict[str, Any]) -> None:
    with pytest.raises(CallerError) as caught:
        cloudwatch.put_metric_data(actor, {"Namespace": "Mine", "MetricData": [datum]})
    assert caught.value.code == "InvalidParameterValue"
