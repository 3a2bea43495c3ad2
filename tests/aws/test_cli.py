"""The real AWS CLI: `aws s3`, waiters, logs, with credentials.env and nothing else."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import foreign
from tests.live import Console, wait_for

SAMPLE = "breast-cancer-xgboost-small"


def aws(console: Console, *arguments: str) -> str:
    done = foreign.run("awscli", "-m", "awscli", *arguments, credentials=console.credentials)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_files_go_up_are_listed_come_back_and_go(console: Console, tmp_path: Path) -> None:
    bucket = f"cli-{uuid.uuid4().hex[:8]}"
    folder, back = tmp_path / "up", tmp_path / "down"
    (folder / "sub").mkdir(parents=True)
    (folder / "one.txt").write_text("one")
    # Beyond the CLI's 8 MiB: it goes in parts.
    (folder / "sub" / "large.bin").write_bytes(os.urandom(9 * 1024 * 1024))
    aws(console, "s3", "mb", f"s3://{bucket}")
    aws(console, "s3", "cp", "--recursive", str(folder), f"s3://{bucket}/files")
    listed = aws(console, "s3", "ls", "--recursive", f"s3://{bucket}")
    assert "files/one.txt" in listed
    assert "files/sub/large.bin" in listed
    aws(console, "s3", "sync", f"s3://{bucket}/files", str(back))
    for name in ("one.txt", "sub/large.bin"):
        assert (back / name).read_bytes() == (folder / name).read_bytes()
    aws(console, "s3", "mv", f"s3://{bucket}/files/one.txt", f"s3://{bucket}/moved.txt")
    assert aws(console, "s3", "cp", f"s3://{bucket}/moved.txt", "-") == "one"
    (folder / "one.txt").write_text("one, again")
    aws(console, "s3", "sync", "--delete", str(folder), f"s3://{bucket}/files")
    assert aws(console, "s3", "cp", f"s3://{bucket}/files/one.txt", "-") == "one, again"
    aws(console, "s3", "rm", "--recursive", f"s3://{bucket}/files")
    assert aws(console, "s3", "ls", "--recursive", f"s3://{bucket}").split()[-1] == "moved.txt"
    aws(console, "s3", "rb", "--force", f"s3://{bucket}")
    assert bucket not in aws(console, "s3", "ls")


@pytest.mark.parametrize(
    ("arguments", "member"),
    [
        (("sts", "get-caller-identity"), "Account"),
        (("sagemaker", "list-models", "--max-items", "1"), "Models"),
        (("cloudwatch", "list-metrics", "--namespace", "None"), "Metrics"),
        (("sns", "list-topics"), "Topics"),
        (("iam", "list-roles"), "Roles"),
    ],
)
def test_each_service_answers_the_cli(
    console: Console, arguments: tuple[str, ...], member: str
) -> None:
    told: dict[str, Any] = json.loads(aws(console, *arguments))
    assert member in told


@pytest.fixture(scope="module")
def endpoint(console: Console) -> Iterator[str]:
    """Made, waited for and deleted by the CLI alone, whose waiter looks twice a minute."""
    name = f"cli-{uuid.uuid4().hex[:8]}"
    variant = f"VariantName=v1,ModelName={SAMPLE},InstanceType=ml.c5.large,InitialInstanceCount=1"
    config = ("--endpoint-config-name", name)
    sagemaker(console, "create-endpoint-config", *config, "--production-variants", variant)
    sagemaker(console, "create-endpoint", "--endpoint-name", name, *config)
    sagemaker(console, "wait", "endpoint-in-service", "--endpoint-name", name)
    yield name
    sagemaker(console, "delete-endpoint", "--endpoint-name", name)
    sagemaker(console, "delete-endpoint-config", *config)


def sagemaker(console: Console, *arguments: str) -> Any:
    told = aws(console, "sagemaker", *arguments)
    return json.loads(told) if told.strip() else None


def test_an_endpoint_is_waited_for_and_asked_two_rows(
    console: Console, endpoint: str, tmp_path: Path
) -> None:
    told = sagemaker(console, "describe-endpoint", "--endpoint-name", endpoint)
    assert told["EndpointStatus"] == "InService"
    output = tmp_path / "output_file.txt"
    row = ",".join(["0.5"] * 30)
    answer = aws(
        console,
        *("sagemaker-runtime", "invoke-endpoint", "--endpoint-name", endpoint),
        *("--body", f"{row}\n{row}", "--content-type", "text/csv", str(output)),
    )
    assert json.loads(answer)["InvokedProductionVariant"] == "v1"
    first, second = output.read_text().replace("\n", ",").strip(",").split(",")
    assert first == second
    assert 0.0 <= float(first) <= 1.0


def test_its_log_is_listed_searched_and_read(console: Console, endpoint: str) -> None:
    group = ("--log-group-name", f"/aws/sagemaker/Endpoints/{endpoint}")
    (stream,) = json.loads(aws(console, "logs", "describe-log-streams", *group))["logStreams"]
    name = stream["logStreamName"]
    assert name.startswith("v1/")
    # One event a page: the CLI follows every token.
    found = aws(console, "logs", "filter-log-events", *group, "--page-size", "1")
    messages = [each["message"] for each in json.loads(found)["events"]]
    assert len(messages) > 1
    last = ("get-log-events", *group, "--log-stream-name", name, "--limit", "1")
    events = json.loads(aws(console, "logs", *last))["events"]
    assert [each["message"] for each in events] == messages[-1:]


def test_a_load_test_is_made_from_a_file(console: Console, tmp_path: Path) -> None:
    name = f"cli-{uuid.uuid4().hex[:8]}"
    packages = sagemaker(
        console, "list-model-packages", "--model-package-group-name", "breast-cancer"
    )["ModelPackageSummaryList"]
    phase = {"InitialNumberOfUsers": 1, "SpawnRate": 1, "DurationInSeconds": 300}
    request = {
        "JobName": name,
        "JobType": "Advanced",
        "RoleArn": "arn:aws:iam::123456789012:role/service",
        "InputConfig": {
            "ModelPackageVersionArn": packages[0]["ModelPackageArn"],
            "JobDurationInSeconds": 7200,
            "TrafficPattern": {"TrafficType": "PHASES", "Phases": [phase]},
            "EndpointConfigurations": [{"InstanceType": "ml.c5.large"}],
        },
    }
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request))
    given = ("--cli-input-json", path.as_uri())
    made = sagemaker(console, "create-inference-recommendations-job", *given)
    assert made["JobArn"].endswith(f"/{name}")
    told = sagemaker(console, "describe-inference-recommendations-job", "--job-name", name)
    assert told["InputConfig"] == request["InputConfig"]
    sagemaker(console, "stop-inference-recommendations-job", "--job-name", name)

    def stopped() -> bool:
        told = sagemaker(console, "describe-inference-recommendations-job", "--job-name", name)
        return bool(told["Status"] == "STOPPED")

    wait_for(f"the end of {name}", stopped, every_s=1)
