"""One suite for every runner: what the reconciler relies on."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoints.errors import HostError
from endpoints.hosts.base import InstanceRunner, LaunchSpec, Phase
from endpoints.hosts.fake import FakeRunner
from endpoints.hosts.process import ProcessRunner
from endpoints.hosts.state import State, is_running, started_at

SPEC = LaunchSpec(
    name="123456789012-us-east-1-e-v-0-aaaa",
    account="123456789012",
    region="us-east-1",
    endpoint="e",
    variant="v",
    image="an-image",
    vcpus=1.0,
    cpu_granted=1.0,
    memory_mib=1024,
)


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


@pytest.fixture(params=["fake", "process"])
def runner(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InstanceRunner]:
    monkeypatch.setenv("CORE_LEDGER_DIR", str(tmp_path / "ledger"))
    made: InstanceRunner
    if request.param == "fake":
        made = FakeRunner(tmp_path / "instances")
    else:
        script = Path(__file__).with_name("small_server.py")
        made = ProcessRunner(tmp_path / "instances", prepare=(str(script),))
    yield made
    for name in made.find():
        until(lambda name=name: made.stop(name), 45)


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessRunner]:
    monkeypatch.setenv("CORE_LEDGER_DIR", str(tmp_path / "ledger"))
    script = Path(__file__).with_name("small_server.py")
    made = ProcessRunner(tmp_path / "instances", prepare=(str(script),))
    yield made
    for name in made.find():
        until(lambda name=name: made.stop(name), 45)


def phase_is(runner: InstanceRunner, phase: Phase, name: str = SPEC.name) -> Callable[[], bool]:
    return lambda: runner.poll(name).phase is phase


def serving(runner: InstanceRunner, spec: LaunchSpec = SPEC) -> None:
    runner.launch(spec)
    until(phase_is(runner, Phase.SERVING, spec.name))


def test_an_unknown_name_is_absent(runner: InstanceRunner) -> None:
    assert runner.poll("nobody").phase is Phase.ABSENT
    assert runner.tail("nobody", 5) == []
    assert runner.stop("nobody") is True


def test_it_serves_and_answers_ping_after_launch(runner: InstanceRunner) -> None:
    serving(runner)
    seen = runner.poll(SPEC.name)
    until(lambda: runner.answers(seen))
    assert seen.address.startswith("127.0.0.1:")
    assert seen.serving_since > 0


def test_launching_twice_starts_one(runner: InstanceRunner) -> None:
    serving(runner)
    before = runner.poll(SPEC.name)
    runner.launch(SPEC)
    assert runner.poll(SPEC.name) == before
    assert list(runner.find()) == [SPEC.name]


def test_stop_is_asked_until_nothing_runs(runner: InstanceRunner) -> None:
    serving(runner)
    until(lambda: runner.stop(SPEC.name))
    assert list(runner.find()) == []
    assert runner.stop(SPEC.name) is True


def test_one_that_ends_at_start_says_why(runner: InstanceRunner) -> None:
    runner.launch(replace(SPEC, environment={"FAKE": "exits"}))
    until(phase_is(runner, Phase.EXITED))
    seen = runner.poll(SPEC.name)
    assert "exit code 3" in seen.message
    assert not seen.permanent
    assert runner.tail(SPEC.name, 5)


def test_what_will_never_work_is_permanent(runner: InstanceRunner) -> None:
    runner.launch(replace(SPEC, environment={"FAKE": "refused"}))
    until(phase_is(runner, Phase.EXITED))
    seen = runner.poll(SPEC.name)
    assert seen.permanent
    assert seen.message == "The image is unknown."


def test_one_that_does_not_answer_ping_is_only_serving(runner: InstanceRunner) -> None:
    serving(runner, replace(SPEC, environment={"FAKE": "never"}))
    assert not runner.answers(runner.poll(SPEC.name))


def test_one_that_exited_can_be_launched_anew(runner: InstanceRunner) -> None:
    runner.launch(replace(SPEC, environment={"FAKE": "exits"}))
    until(phase_is(runner, Phase.EXITED))
    serving(runner)


def test_what_is_told_of_it_is_told_of_its_last_launch(runner: InstanceRunner) -> None:
    runner.launch(replace(SPEC, environment={"FAKE": "exits"}, attempt=1))
    until(phase_is(runner, Phase.EXITED))
    assert runner.poll(SPEC.name).attempt == 1
    runner.launch(replace(SPEC, attempt=2))
    until(phase_is(runner, Phase.SERVING))
    assert runner.poll(SPEC.name).attempt == 2


def test_a_host_that_cannot_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "instances").write_text("no folder")
    with pytest.raises(HostError, match="instances"):
        ProcessRunner(tmp_path / "instances").launch(SPEC)


def test_a_killed_model_server_is_seen_as_exited(processes: ProcessRunner) -> None:
    serving(processes)
    os.kill(int(str(processes.poll(SPEC.name).handle["pid"])), signal.SIGKILL)
    until(phase_is(processes, Phase.EXITED))
    seen = processes.poll(SPEC.name)
    assert seen.exit_code == -signal.SIGKILL
    assert "SIGKILL" in seen.message


def test_a_killed_keeper_takes_its_instance_along(processes: ProcessRunner) -> None:
    serving(processes)
    state = State.read(processes.directory / SPEC.name)
    assert state is not None
    os.kill(state.keeper_pid, signal.SIGKILL)
    until(lambda: not is_running(state.pid, state.pid_start))
    assert processes.poll(SPEC.name).phase is Phase.EXITED
    serving(processes)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """A process that instances take for the console that they belong to."""
    with subprocess.Popen(["sleep", "600"]) as process:
        monkeypatch.setenv("CONSOLE_PROCESS", f"{process.pid}:{started_at(process.pid)}")
        yield process
        process.kill()


def test_an_instance_ends_by_itself_once_its_console_is_gone(
    console: subprocess.Popen[bytes], processes: ProcessRunner
) -> None:
    serving(processes)
    found = State.read(processes.directory / SPEC.name)
    assert found is not None
    console.kill()
    until(phase_is(processes, Phase.EXITED))
    assert "when asked to stop" in processes.poll(SPEC.name).message
    assert not is_running(found.pid, found.pid_start)


def test_one_that_does_not_listen_is_killed_once_its_console_is_gone(
    console: subprocess.Popen[bytes],
    processes: ProcessRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INSTANCE_STOP_GRACE_S", "0.5")
    serving(processes, replace(SPEC, environment={"FAKE": "stubborn"}))
    console.kill()
    until(phase_is(processes, Phase.EXITED))
    assert "SIGKILL" in processes.poll(SPEC.name).message


def test_another_runner_finds_and_stops_what_this_one_started(processes: ProcessRunner) -> None:
    serving(processes)
    other = ProcessRunner(processes.directory)
    assert other.poll(SPEC.name) == processes.poll(SPEC.name)
    until(lambda: other.stop(SPEC.name))
    assert processes.poll(SPEC.name).phase is Phase.EXITED


def test_two_instances_have_ports_of_their_own(processes: ProcessRunner) -> None:
    other = replace(SPEC, name=SPEC.name + "b")
    serving(processes)
    serving(processes, other)
    assert processes.poll(SPEC.name).address != processes.poll(other.name).address


def test_the_environment_of_the_console_does_not_reach_the_instance(
    processes: ProcessRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for models")
    serving(processes, replace(SPEC, environment={"GREETING": "hello"}))
    pid = processes.poll(SPEC.name).handle["pid"]
    environment = Path(f"/proc/{pid}/environ").read_text()
    assert "GREETING=hello" in environment
    assert "not for models" not in environment


def test_it_runs_in_a_session_of_its_own_on_the_cores_it_was_given(
    processes: ProcessRunner,
) -> None:
    serving(processes)
    seen = processes.poll(SPEC.name)
    pid = int(str(seen.handle["pid"]))
    assert os.getsid(pid) == pid
    assert os.sched_getaffinity(pid) == set(seen.cores)


def test_one_that_ignores_term_is_killed_after_its_grace(
    processes: ProcessRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCE_STOP_GRACE_S", "0.5")
    serving(processes, replace(SPEC, environment={"FAKE": "stubborn"}))
    until(lambda: processes.answers(processes.poll(SPEC.name)))
    until(lambda: processes.stop(SPEC.name))
    assert processes.poll(SPEC.name).exit_code == -signal.SIGKILL


def test_an_output_that_grows_without_end_is_bounded(
    processes: ProcessRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCE_LOG_MIB", "1")
    serving(processes, replace(SPEC, environment={"FAKE": "chatty"}))
    log = processes.directory / SPEC.name / "stdout.log"
    until(lambda: "it was emptied" in log.read_text() and log.stat().st_size < 2**20)
    assert processes.answers(processes.poll(SPEC.name))


def test_what_ended_is_left_for_the_collector_of_logs(processes: ProcessRunner) -> None:
    serving(processes)
    until(lambda: processes.answers(processes.poll(SPEC.name)))
    until(lambda: processes.stop(SPEC.name))
    record = json.loads((processes.directory / SPEC.name / "instance.json").read_text())
    assert record["ended"] is True
    assert (record["log_group"], record["log_stream"]) == (SPEC.log_group, SPEC.log_stream)
    assert any("hello from the model server" in line for line in processes.tail(SPEC.name, 20))
