"""Ends model servers that outlive their console: they run in sessions of their own."""

import contextlib
import os
import signal
import time
from pathlib import Path

from endpoints.hosts.process import ProcessRunner
from endpoints.hosts.state import State, is_running


def end_instances(state: Path, *, grace_s: float = 8) -> int:
    """Stops every model server that this STATE_DIR's console has started; answers how many."""
    runner = ProcessRunner(state / "instances")
    names = list(runner.find())
    waiting, deadline = set(names), time.monotonic() + grace_s
    while waiting:
        waiting = {name for name in waiting if not runner.stop(name)}
        if waiting and time.monotonic() > deadline:
            _kill(state, waiting)
        time.sleep(0.1 if waiting else 0)
    return len(names)


def _kill(state: Path, names: set[str]) -> None:
    """The keeper dies, and by the kernel's word the model server with it."""
    for name in names:
        found = State.read(state / "instances" / name)
        if found is not None and is_running(found.keeper_pid, found.keeper_start):
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.keeper_pid, signal.SIGKILL)
