"""The real AWS CLI: `aws s3` and waiters, with credentials.env and nothing else."""

import json
import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests import foreign
from tests.live import Console


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
