"""The SageMaker Python SDK v2, unmodified but for the shim that docs/aws.md tells of."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import foreign
from tests.aws.conftest import ClientOf
from tests.live import Console, wait_for

SCRIPTS = Path(__file__).parent / "sdk"
SHIM = Path(__file__).parents[2] / "static" / "python"
SAMPLES = "s3://sagemaker-us-east-1-123456789012/samples/breast-cancer"
ROW = ",".join(["0.5"] * 30)


def run(console: Console, script: str, *arguments: str) -> dict[str, Any]:
    credentials = {**console.credentials, "PYTHONPATH": str(SHIM)}
    done = foreign.run("sagemaker", str(SCRIPTS / script), *arguments, credentials=credentials)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def invocations(cloudwatch: Any, endpoint: str, variant: str) -> float:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    told = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": variant},
        ],
    )
    return sum(point["Sum"] for point in told["Datapoints"])


def test_production_variants_share_traffic_by_weight(console: Console, aws: ClientOf) -> None:
    small = f"{SAMPLES}/breast-cancer-xgboost-small/model.tar.gz"
    told = run(console, "variants.py", small, small, f"{SAMPLES}/test.csv")
    assert told["role"].startswith("arn:aws:iam::123456789012:role/")
    # Of 400 fair draws fewer than 130 for one side come once in 10^12 runs.
    assert min(told["even"].values()) > 130
    assert told["targeted"] == {"Variant1": 50, "Variant2": 0}
    # A quarter of 400 is 100: beyond 40 to 160 lies nobody's luck.
    assert 40 < told["shifted"]["Variant1"] < 160
    assert told["all"] == {"Variant1": 0, "Variant2": 100}
    sent = {
        variant: sum(told[phase][variant] for phase in ("even", "targeted", "shifted", "all"))
        for variant in ("Variant1", "Variant2")
    }
    cloudwatch = aws("cloudwatch")

    def counted() -> bool:
        return {v: invocations(cloudwatch, told["endpoint"], v) for v in sent} == sent

    wait_for("every invocation in CloudWatch", counted)


def test_right_size_finds_a_type_and_deploy_takes_it(console: Console) -> None:
    told = run(
        console,
        "right_size.py",
        f"{SAMPLES}/breast-cancer-xgboost-small/model.tar.gz",
        f"{SAMPLES}/payload.tar.gz",
        ROW,
        "8",
    )
    assert told["status"] == "COMPLETED"
    assert told["instance_type"] == "ml.c5.large"
    assert told["max_invocations"] > 0
    assert told["bucket"] == "sagemaker-us-east-1-123456789012"
    assert 0.0 <= float(told["answer"].strip()) <= 1.0


def test_without_the_shim_the_sdk_asks_sts_at_aws_itself(console: Console) -> None:
    """The day this fails the shim may go."""
    script = "from sagemaker.session import sts_regional_endpoint as e; print(e('us-east-1'))"
    done = foreign.run("sagemaker", "-c", script, credentials=console.credentials)
    assert done.stdout.strip().endswith("sts.us-east-1.amazonaws.com"), done.stderr[-2000:]


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    foreign.python_of("sagemaker")
