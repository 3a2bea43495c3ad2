"""The SageMaker Python SDK v2, unmodified but for the shim that docs/aws.md tells of."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests import foreign
from tests.aws import scripts
from tests.live import Console

IMAGE = "inference-console/xgboost:3.2"
SAMPLES = "s3://sagemaker-us-east-1-123456789012/samples/breast-cancer"
DATA, PAYLOAD = f"{SAMPLES}/breast-cancer-xgboost-small/model.tar.gz", f"{SAMPLES}/payload.tar.gz"
ROW = ",".join(["0.5"] * 30)
PHASE_SECONDS = "8"


def test_right_size_finds_a_type_and_deploy_takes_it(console: Console) -> None:
    told = scripts.run(console, "right_size.py", DATA, PAYLOAD, ROW, PHASE_SECONDS)
    assert told["status"] == "COMPLETED"
    assert told["instance_type"] == "ml.c5.large"
    assert told["max_invocations"] > 0
    assert told["bucket"] == "sagemaker-us-east-1-123456789012"
    assert 0.0 <= float(told["answer"].strip()) <= 1.0


@pytest.fixture(scope="module")
def recommended(console: Console, sagemaker: Any) -> dict[str, Any]:
    versions = sagemaker.list_model_packages(ModelPackageGroupName="breast-cancer")
    arn = versions["ModelPackageSummaryList"][0]["ModelPackageArn"]
    return scripts.run(console, "recommended.py", IMAGE, DATA, arn, PAYLOAD, ROW, PHASE_SECONDS)


@pytest.mark.parametrize(
    ("form", "environment"),
    [
        ("prospect", {}),
        ("model", {"OMP_NUM_THREADS": "1"}),
        ("version", {"OMP_NUM_THREADS": "1"}),
    ],
)
def test_deploy_takes_the_id_of_a_recommendation(
    recommended: dict[str, Any], form: str, environment: dict[str, str]
) -> None:
    """Of DescribeModel before any job, of a model's job, and of a registered version's job."""
    told = recommended[form]
    assert told["type"] == told["wanted"]
    assert told["environment"] == environment
    assert 0.0 <= float(told["answer"].strip()) <= 1.0


def test_a_measured_model_recommends_what_its_job_found(recommended: dict[str, Any]) -> None:
    assert recommended["model"]["status"] == "COMPLETED"
    assert recommended["measured"] == [True]


@pytest.fixture(scope="module")
def package(console: Console) -> dict[str, Any]:
    return scripts.run(console, "package.py", IMAGE, DATA, PAYLOAD, ROW)


def test_a_version_is_registered_approved_and_deployed(package: dict[str, Any]) -> None:
    assert re.fullmatch(
        r"arn:aws:sagemaker:us-east-1:\d{12}:model-package/sdk-\w+/1", package["arn"]
    )
    assert package["approval"] == "Approved"
    assert 0.0 <= float(package["answers"][0].strip()) <= 1.0


def test_data_capture_is_passed_through_and_kept_by_an_update(package: dict[str, Any]) -> None:
    capture = package["capture"]
    assert capture["EnableCapture"] is True
    assert capture["InitialSamplingPercentage"] == 20
    assert capture["DestinationS3Uri"] == package["capture_uri"]
    assert {each["CaptureMode"] for each in capture["CaptureOptions"]} == {"Input", "Output"}
    assert package["kept_capture"]


def test_update_endpoint_moves_to_another_type_and_count(package: dict[str, Any]) -> None:
    assert package["renamed"]
    assert (package["type"], package["count"]) == ("ml.m5.large", 2)
    assert package["answers"][0] == package["answers"][1]


def test_delete_endpoint_takes_the_newest_configuration_along(package: dict[str, Any]) -> None:
    """The first one stays, as at AWS: the SDK deletes the one that it knows of."""
    (left,) = package["left"]
    assert left.startswith("package-")


def test_files_go_to_the_default_bucket_and_come_back(console: Console, tmp_path: Path) -> None:
    up, down = tmp_path / "up", tmp_path / "down"
    (up / "sub").mkdir(parents=True)
    (up / "a.txt").write_text("first")
    (up / "sub" / "b.txt").write_text("second")
    told = scripts.run(console, "files.py", str(up), str(down))
    assert told["uri"] == "s3://sagemaker-us-east-1-123456789012/"
    assert told["listed"] == ["a.txt", "again/a.txt", "c.txt", "sub/b.txt"]
    assert told["read"] == "a body"
    assert (down / "sub" / "b.txt").read_text() == "second"
    assert told["account"] == "123456789012"
    assert told["role"] == "arn:aws:iam::123456789012:role/console-admin"


def test_without_the_shim_the_sdk_asks_sts_at_aws_itself(console: Console) -> None:
    """The day this fails the shim may go."""
    script = "from sagemaker.session import sts_regional_endpoint as e; print(e('us-east-1'))"
    done = foreign.run("sagemaker", "-c", script, credentials=console.credentials)
    assert done.stdout.strip().endswith("sts.us-east-1.amazonaws.com"), done.stderr[-2000:]


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    foreign.python_of("sagemaker")
