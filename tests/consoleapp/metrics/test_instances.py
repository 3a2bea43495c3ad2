"""Descriptions of instances, whole, half-written and hostile."""

import os
from pathlib import Path

import pytest

from consoleapp.metrics.instances import described, open_regular
from tests.consoleapp.metrics.folders import describe


def test_a_description_is_read_with_its_types(tmp_path: Path) -> None:
    describe(tmp_path, pid=7, pid_start=42, memory_mib=512, ended=True)
    (instance,) = described(tmp_path)
    assert (instance.pid, instance.pid_start, instance.memory_mib) == (7, 42, 512)
    assert instance.ended
    assert instance.folder == tmp_path / "churn-A-0"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"account": 1}'])
def test_a_half_written_description_is_passed_over(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "half"
    folder.mkdir()
    (folder / "instance.json").write_text(text)
    describe(tmp_path)
    assert [instance.instance for instance in described(tmp_path)] == ["churn-A-0"]


def test_what_is_no_instance_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    describe(tmp_path, ".gone-1")
    assert list(described(tmp_path)) == []
    assert list(described(tmp_path / "absent")) == []


def test_links_and_pipes_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "absent"):
        assert open_regular(tmp_path / name) is None
    with open_regular(secret) as file:
        assert file.read() == b"secret"
