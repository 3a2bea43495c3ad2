"""What a console leaves running is ended at its stop, and again before its next start."""

from dataclasses import replace
from pathlib import Path

import pytest

from consoleapp.processes import remains
from endpoints.hosts.base import Phase
from endpoints.hosts.process import ProcessRunner
from endpoints.hosts.state import State, is_running
from tests.contracts import small_server
from tests.contracts.test_runners import SPEC, serving


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProcessRunner:
    monkeypatch.setenv("CORE_LEDGER_DIR", str(tmp_path / "ledger"))
    return ProcessRunner(tmp_path / "instances", prepare=(str(small_server.__file__),))


def server_of(runner: ProcessRunner) -> tuple[int, int]:
    found = State.read(runner.directory / SPEC.name)
    assert found is not None
    return found.pid, found.pid_start


def test_a_model_server_left_behind_is_ended(runner: ProcessRunner, tmp_path: Path) -> None:
    serving(runner)
    server = server_of(runner)
    assert is_running(*server)
    assert remains.end_instances(tmp_path) == 1
    assert not is_running(*server)
    assert runner.poll(SPEC.name).phase is Phase.EXITED


def test_one_that_does_not_listen_is_killed(runner: ProcessRunner, tmp_path: Path) -> None:
    serving(runner, replace(SPEC, environment={"FAKE": "stubborn"}))
    server = server_of(runner)
    assert remains.end_instances(tmp_path, grace_s=0.5) == 1
    assert not is_running(*server)


def test_a_state_directory_without_instances_is_left_as_it_is(tmp_path: Path) -> None:
    assert remains.end_instances(tmp_path) == 0
    assert not list(tmp_path.iterdir())
