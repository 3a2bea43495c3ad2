"""How instances share this machine's cores: real processes, whose use is read from /proc."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoints import capacity
from endpoints.hosts.base import LaunchSpec, Phase
from endpoints.hosts.process import ProcessRunner
from endpoints.hosts.throttle import cpu_time_s
from tests.contracts.test_runners import SPEC, until

SERVER = Path(__file__).parent.parent / "contracts" / "small_server.py"
pytestmark = pytest.mark.skipif(not capacity.exclusive(), reason="needs two cores")


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessRunner]:
    monkeypatch.setenv("CORE_LEDGER_DIR", str(tmp_path / "ledger"))
    made = ProcessRunner(tmp_path / "instances", prepare=(str(SERVER),))
    yield made
    for name in made.find():
        until(lambda name=name: made.stop(name), 45)


def named(letter: str, **changes: object) -> LaunchSpec:
    return replace(SPEC, name=SPEC.name + letter, **changes)  # type: ignore[arg-type]


def phase_is(runner: ProcessRunner, phase: Phase, name: str) -> Callable[[], bool]:
    return lambda: runner.poll(name).phase is phase


def test_a_benchmark_waits_until_the_one_before_it_is_gone(processes: ProcessRunner) -> None:
    whole = float(len(capacity.measurable_cores()))
    first, second = (named(letter, exclusive=True, cpu_granted=whole) for letter in "ab")
    processes.launch(first)
    until(phase_is(processes, Phase.SERVING, first.name))
    assert processes.poll(first.name).cores == capacity.measurable_cores()
    processes.launch(second)
    until(phase_is(processes, Phase.WAITING, second.name))
    assert "free core" in processes.poll(second.name).message
    until(lambda: processes.stop(first.name), 45)
    until(phase_is(processes, Phase.SERVING, second.name))


def test_one_that_waits_can_be_stopped(processes: ProcessRunner) -> None:
    lease = capacity.take_cores(len(capacity.measurable_cores()))
    assert lease is not None
    with lease:
        spec = named("a", exclusive=True)
        processes.launch(spec)
        until(phase_is(processes, Phase.WAITING, spec.name))
        until(lambda: processes.stop(spec.name))


def test_a_serving_instance_steps_aside_for_a_benchmark_and_comes_back(
    processes: ProcessRunner,
) -> None:
    every = float(len(capacity.cores()))
    serving = named("s", cpu_granted=every)
    processes.launch(serving)
    until(phase_is(processes, Phase.SERVING, serving.name))
    pid = int(str(processes.poll(serving.name).handle["pid"]))
    assert os.sched_getaffinity(pid) == set(capacity.cores())
    lease = capacity.take_cores(1)
    assert lease is not None
    with lease:
        rest = set(capacity.cores()) - set(lease.numbers)
        until(lambda: os.sched_getaffinity(pid) == rest)
        until(lambda: set(processes.poll(serving.name).cores) == rest)
    until(lambda: os.sched_getaffinity(pid) == set(capacity.cores()))


@pytest.mark.parametrize("means", ["cgroup", "signals"])
def test_a_fraction_of_a_core_is_never_exceeded(
    processes: ProcessRunner, monkeypatch: pytest.MonkeyPatch, means: str
) -> None:
    monkeypatch.setenv("CPU_CAP", means)
    spec = named("f", exclusive=True, cpu_granted=0.25, environment={"FAKE": "busy"})
    processes.launch(spec)
    until(phase_is(processes, Phase.SERVING, spec.name))
    pid = int(str(processes.poll(spec.name).handle["pid"]))
    # The duty cycle has looked at what was used, and corrected itself, by then.
    until(lambda: cpu_time_s(pid) > 0.5)
    used, at = cpu_time_s(pid), time.monotonic()
    until(lambda: time.monotonic() > at + 2)
    rate = (cpu_time_s(pid) - used) / (time.monotonic() - at)
    # Below is the machine's doing (others run here too), above would be ours.
    assert 0 < rate < 0.25 * 1.15


def test_one_held_to_a_fraction_by_signals_stops_when_asked(
    processes: ProcessRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CPU_CAP", "signals")
    spec = named("f", exclusive=True, cpu_granted=0.125)
    processes.launch(spec)
    until(phase_is(processes, Phase.SERVING, spec.name))
    until(lambda: processes.answers(processes.poll(spec.name)))
    until(lambda: processes.stop(spec.name), 20)
    assert processes.poll(spec.name).exit_code == 0
