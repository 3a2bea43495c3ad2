"""The supervisor: what it starts is gone once it is stopped, however that went."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from consoleapp.processes.programs import Program
from consoleapp.processes.supervise import Supervisor
from tests.live import wait_for

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    programs = [
        Program("deaf", (sys.executable, "-c", DEAF), 20, stop_s=600),
        Program("plain", ("sleep", "600"), 10),
    ]
    started = Supervisor(programs, tmp_path)
    started.start(cores=os.sched_getaffinity(0))
    return started


def children(supervisor: Supervisor) -> list[psutil.Process]:
    assert supervisor.process is not None
    return psutil.Process(supervisor.process.pid).children()


def both(supervisor: Supervisor) -> list[psutil.Process]:
    wait_for("both programs", lambda: len(children(supervisor)) == 2, timeout_s=30)
    return children(supervisor)


def test_what_does_not_stop_in_time_is_killed(supervisor: Supervisor) -> None:
    programs = both(supervisor)
    supervisor.stop(timeout_s=0.5)
    assert not psutil.wait_procs(programs, timeout=20)[1]


def test_nothing_outlives_a_supervisor_that_was_killed(supervisor: Supervisor) -> None:
    programs = both(supervisor)
    assert supervisor.process is not None
    os.kill(supervisor.process.pid, signal.SIGKILL)
    wait_for("its death", lambda: not supervisor.alive(), timeout_s=20)
    supervisor.stop()
    assert not psutil.wait_procs(programs, timeout=20)[1]


def test_it_waits_as_long_as_its_programs_may_take(tmp_path: Path) -> None:
    times = ((10, 7), (10, 3), (20, 10))
    programs = [Program(f"p{n}", ("x",), tier, stop_s=s) for n, (tier, s) in enumerate(times)]
    assert Supervisor(programs, tmp_path)._patience_s() == 7 + 10 + 5
