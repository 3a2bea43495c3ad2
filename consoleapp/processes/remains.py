"""Ends what outlives its console: model servers, which run in sessions of their own, and whatever
a supervisord that was killed too has left to nobody."""

import contextlib
import os
import signal
import time
from pathlib import Path

from consoleapp.processes.supervise import session
from endpoints.hosts.process import ProcessRunner
from endpoints.hosts.state import State, is_running, started_at


def end_programs(state: Path) -> int:
    """Kills the programs of this STATE_DIR's last supervisord, should it be gone and they not.

    They would hold the port, and files that a second server must not write to. Answers how many.
    """
    leader, ended = _last_leader(state / "run" / "supervisord.pid"), 0
    while leader and (left := _of_copy(state, leader)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # Its port is free only when a process is quite gone.
        while any(is_running(pid, start) for pid, start in left.items()):
            time.sleep(0.02)
        ended += len(left)
    return ended


def _last_leader(file: Path) -> int:
    """0 where there is none to be ended."""
    text = file.read_text().strip() if file.exists() else ""
    leader = int(text) if text.isdecimal() else 0
    # After a restart of the machine, or of a container, the number may be our own session's.
    return 0 if leader == os.getsid(0) else leader


def _of_copy(state: Path, leader: int) -> dict[int, int]:
    """The processes of that session that are this copy's, with their start: numbers come round."""
    found = {}
    for process in session(leader):
        with contextlib.suppress(OSError):
            start = started_at(int(process.name))
            if start is not None and _is_ours(process, state):
                found[int(process.name)] = start
    return found


def _is_ours(process: Path, state: Path) -> bool:
    told = (process / "environ").read_bytes().split(b"\0")
    # Redis writes its title over its environment; but it lives in the state directory.
    return f"STATE_DIR={state}".encode() in told or (process / "cwd").readlink() == state / "redis"


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
