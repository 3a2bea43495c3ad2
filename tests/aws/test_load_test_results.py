"""AWS's page on a job's results: every figure of it, and what CloudWatch keeps of its endpoints."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf

JOBS = "/aws/sagemaker/InferenceRecommendationsJobs"


@pytest.fixture(params=range(3))
def found(request: pytest.FixtureRequest, job: dict[str, Any]) -> dict[str, Any]:
    """Each recommendation of the guide's job in turn."""
    return dict(job["InferenceRecommendations"][request.param])


def test_every_figure_of_the_page_is_there_in_its_unit(found: dict[str, Any]) -> None:
    metrics = found["Metrics"]
    assert set(metrics) >= {"MaxInvocations", "ModelLatency", "CostPerHour", "CostPerInference"}
    # Percent: of one core each, as CloudWatch counts; of the whole memory.
    assert 0.0 < metrics["CpuUtilization"] <= 400.0
    assert 0.0 < metrics["MemoryUtilization"] <= 100.0
    # Microseconds: no answer of a real model takes less than 50.
    assert metrics["ModelLatency"] > 50
    assert found["EndpointConfiguration"]["InstanceType"].endswith(".xlarge")
    assert found["InvocationStartTime"] < found["InvocationEndTime"]


def test_its_cost_is_the_price_of_all_its_instances(found: dict[str, Any]) -> None:
    """So many that MaxInvocations of the stopping conditions is reached."""
    configuration, metrics = found["EndpointConfiguration"], found["Metrics"]
    price = {"ml.c5.xlarge": 0.204, "ml.m5.xlarge": 0.23, "ml.r5.xlarge": 0.302}
    wanted = price[configuration["InstanceType"]] * configuration["InitialInstanceCount"]
    assert metrics["CostPerHour"] == pytest.approx(wanted, rel=1e-4)
    assert metrics["MaxInvocations"] >= 1000


def test_its_endpoint_is_gone_but_its_graphs_stay(
    aws: ClientOf, sagemaker: Any, found: dict[str, Any]
) -> None:
    configuration = found["EndpointConfiguration"]
    with pytest.raises(ClientError, match="Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName=configuration["EndpointName"])
    told = aws("cloudwatch").get_metric_data(
        StartTime=found["InvocationStartTime"] - timedelta(minutes=1),
        EndTime=found["InvocationEndTime"] + timedelta(minutes=1),
        MetricDataQueries=[
            query(name, namespace, metric, statistic, configuration)
            for name, namespace, metric, statistic in (
                ("invocations", "AWS/SageMaker", "Invocations", "Sum"),
                ("latency", "AWS/SageMaker", "ModelLatency", "p99"),
                ("cpu", "/aws/sagemaker/Endpoints", "CPUUtilization", "Maximum"),
                ("memory", "/aws/sagemaker/Endpoints", "MemoryUtilization", "Maximum"),
            )
        ],
    )["MetricDataResults"]
    assert all(sum(each["Values"]) > 0 for each in told), told


def query(
    name: str, namespace: str, metric: str, statistic: str, configuration: dict[str, Any]
) -> dict[str, Any]:
    dimensions = [
        {"Name": dimension, "Value": configuration[dimension]}
        for dimension in ("EndpointName", "VariantName")
    ]
    named = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": 60, "Stat": statistic}}


def test_its_log_outlives_the_endpoint(aws: ClientOf, found: dict[str, Any]) -> None:
    name = found["EndpointConfiguration"]["EndpointName"]
    told = aws("logs").filter_log_events(
        logGroupName=f"/aws/sagemaker/Endpoints/{name}", logStreamNamePrefix="AllTraffic/"
    )
    assert told["events"]


@pytest.mark.parametrize(
    ("metric", "statistic"),
    [("ClientInvocations", "Sum"), ("ClientLatency", "Average"), ("NumberOfUsers", "Maximum")],
)
def test_the_load_s_own_metrics_are_under_job_and_endpoint(
    aws: ClientOf, job: dict[str, Any], found: dict[str, Any], metric: str, statistic: str
) -> None:
    name = found["EndpointConfiguration"]["EndpointName"]
    (told,) = aws("cloudwatch").get_metric_data(
        StartTime=job["CreationTime"],
        EndTime=job["CompletionTime"] + timedelta(minutes=1),
        MetricDataQueries=[
            {
                "Id": "load",
                "MetricStat": {
                    "Metric": {
                        "Namespace": JOBS,
                        "MetricName": metric,
                        "Dimensions": [
                            {"Name": "JobName", "Value": job["JobName"]},
                            {"Name": "EndpointName", "Value": name},
                        ],
                    },
                    "Period": 60,
                    "Stat": statistic,
                },
            }
        ],
    )["MetricDataResults"]
    assert told["Values"]
    assert min(told["Values"]) > 0


def test_the_job_s_metrics_are_listed(aws: ClientOf, job: dict[str, Any]) -> None:
    found = aws("cloudwatch").list_metrics(
        Namespace=JOBS, Dimensions=[{"Name": "JobName", "Value": job["JobName"]}]
    )["Metrics"]
    names = {each["MetricName"] for each in found}
    assert {"ClientInvocations", "ClientLatency", "NumberOfUsers"} <= names


def test_its_log_is_where_the_sdk_looks(aws: ClientOf, job: dict[str, Any]) -> None:
    told = aws("logs").get_log_events(
        logGroupName=JOBS, logStreamName=f"{job['JobName']}/execution"
    )
    assert told["events"]
