"""What a console leaves running is ended at its stop, and again before its next start."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from consoleapp.processes import ports, redis, remains
from consoleapp.processes.programs import Program
from consoleapp.processes.supervise import Supervisor
from endpoints.hosts.base import Phase
from endpoints.hosts.process import ProcessRunner
from endpoints.hosts.state import State, is_running
from tests.contracts import small_server
from tests.contracts.test_runners import SPEC, serving
from tests.live import wait_for


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


@pytest.fixture
def orphan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psutil.Process]:
    """A program whose supervisord was killed, and whose console was too."""
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    supervisor = Supervisor([Program("plain", ("sleep", "600"), 10)], tmp_path)
    supervisor.start(cores=os.sched_getaffinity(0))
    assert supervisor.process is not None
    leader = psutil.Process(supervisor.process.pid)
    wait_for("the program", leader.children, timeout_s=30)
    (program,) = leader.children()
    supervisor.process.kill()
    supervisor.process.wait()
    yield program
    supervisor.stop()


def test_what_a_killed_supervisor_left_is_ended_before_the_next_start(
    orphan: psutil.Process, tmp_path: Path
) -> None:
    assert orphan.is_running()
    assert remains.end_programs(tmp_path) == 1
    assert not psutil.wait_procs([orphan], timeout=20)[1]
    assert remains.end_programs(tmp_path) == 0


def test_redis_too_which_hides_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_DIR", raising=False)
    port = ports.choose(["redis"])["redis"]
    own = redis.command(directory=tmp_path / "redis", port=port, password="x")
    supervisor = Supervisor([Program("redis", tuple(own), 10)], tmp_path)
    supervisor.start(cores=os.sched_getaffinity(0))
    assert supervisor.process is not None
    wait_for("Redis", lambda: not ports.is_free(port), timeout_s=30)
    supervisor.process.kill()
    supervisor.process.wait()
    assert remains.end_programs(tmp_path) == 1
    assert ports.is_free(port)


def test_a_process_that_is_not_of_this_state_directory_is_left_alone(
    orphan: psutil.Process, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "run", other / "run")
    assert remains.end_programs(other) == 0
    assert orphan.is_running()


def test_whoever_starts_the_console_is_not_ended_for_its_number(tmp_path: Path) -> None:
    """Numbers come round; what is started in a shell has the shell's STATE_DIR."""
    (tmp_path / "run").mkdir()
    code = (
        "import os, pathlib, sys; from consoleapp.processes import remains;"
        "state = pathlib.Path(sys.argv[1]);"
        "(state / 'run' / 'supervisord.pid').write_text(f'{os.getpid()}\\n');"
        "print(remains.end_programs(state))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "STATE_DIR": str(tmp_path)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr


def test_a_number_that_was_never_written_out_stops_no_start(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "supervisord.pid").write_text("")
    assert remains.end_programs(tmp_path) == 0


def test_a_state_directory_without_instances_is_left_as_it_is(tmp_path: Path) -> None:
    assert remains.end_instances(tmp_path) == 0
    assert remains.end_programs(tmp_path) == 0
    assert not list(tmp_path.iterdir())
