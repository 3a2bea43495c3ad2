"""Runs instances as processes of this machine, each beside a keeper. One trust domain.

What is known is in the instance's folder and in /proc, so any process of this copy can look,
stop or start anew, and nothing is lost when the one that launched is gone.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError

from endpoints.errors import HostError
from endpoints.hosts import state
from endpoints.hosts.base import LaunchSpec, Observed, Phase
from endpoints.hosts.state import State

_PING_TIMEOUT_S: Final = 2.0
#: A keeper that was asked to end does so after its 30 s of grace at the latest.
_KEEPER_GRACE_S: Final = 40.0
_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_PREPARE: Final = ("-m", "endpoints.hosts.prepare")


class ProcessRunner:
    """An InstanceRunner. `directory` holds a folder for each instance; `prepare` is what Python
    is told to run with that folder to get an instance ready (see endpoints.hosts.prepare)."""

    def __init__(self, directory: Path, prepare: Sequence[str] = _PREPARE) -> None:
        self.directory = directory
        self.prepare = prepare

    def launch(self, spec: LaunchSpec) -> None:
        folder = self.directory / spec.name
        found = State.read(folder)
        if found is not None and found.phase != Phase.EXITED and _keeper_runs(found):
            return
        told = asdict(spec) | {"log_group": spec.log_group, "log_stream": spec.log_stream}
        told["prepare"] = [sys.executable, *self.prepare, str(folder)]
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            state.replace(folder / state.LAUNCH, told)
            _start_keeper(folder)
        except OSError as problem:
            # A full disk, say.
            raise HostError(f"The keeper cannot be started: {problem}") from problem

    def poll(self, name: str) -> Observed:
        folder = self.directory / name
        found = State.read(folder)
        if found is None:
            return Observed(phase=Phase.ABSENT)
        phase, message = Phase(found.phase), found.message
        if phase is not Phase.EXITED and not _keeper_runs(found):
            phase, message = Phase.EXITED, "Its keeper was killed, and the model server with it"
        return Observed(
            phase=phase,
            attempt=found.attempt,
            message=message,
            address=f"127.0.0.1:{found.port}" if phase is Phase.SERVING else "",
            cores=found.cores,
            serving_since=found.serving_since,
            exit_code=found.exit_code,
            permanent=found.permanent,
            handle={"pid": found.pid, "pid_start": found.pid_start},
        )

    def answers(self, observed: Observed) -> bool:
        url = f"http://{observed.address}/ping"
        try:
            with _direct.open(url, timeout=_PING_TIMEOUT_S) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError, ValueError):
            return False

    def stop(self, name: str) -> bool:
        folder = self.directory / name
        found = State.read(folder)
        if found is not None and _keeper_runs(found):
            # It may end in this very moment: the next call finds it gone.
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.keeper_pid, _signal_for(folder))
            return False
        _kill_left_over(name, found)
        _end_record(folder)
        return True

    def find(self) -> Sequence[str]:
        if not self.directory.is_dir():
            return ()
        return [
            folder.name
            for folder in sorted(self.directory.iterdir())
            if not folder.name.startswith(".") and folder.is_dir() and not _is_ended(folder)
        ]

    def tail(self, name: str, lines: int) -> list[str]:
        return state.tail(self.directory / name / state.LOG, lines)


# Never through a proxy of the environment: instances are on loopback.
_direct: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _start_keeper(folder: Path) -> None:
    with (folder / state.LOG).open("ab") as log:
        # It forks, and answers once the new state is on disk.
        done = subprocess.run(
            [sys.executable, "-m", "endpoints.hosts.keeper", str(folder)],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )
    if done.returncode:
        raise HostError(f"The keeper did not start (exit code {done.returncode})")


def _keeper_runs(found: State | None) -> bool:
    return found is not None and state.is_running(found.keeper_pid, found.keeper_start)


def _signal_for(folder: Path) -> signal.Signals:
    asked = folder / state.STOPPING
    try:
        waited_s = time.time() - asked.stat().st_mtime
    except FileNotFoundError:
        asked.touch()
        return signal.SIGTERM
    return signal.SIGKILL if waited_s > _KEEPER_GRACE_S else signal.SIGTERM


def _kill_left_over(name: str, found: State | None) -> None:
    """Workers of a model server whose keeper was killed outlive it in its session."""
    if found is None or not found.pid:
        return
    mark = f"{state.MARK}={name}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(process.name)) != found.pid:
                continue
            if mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


def _record(folder: Path) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads((folder / state.RECORD).read_text())
    except (OSError, ValueError):
        return None
    return record


def _is_ended(folder: Path) -> bool:
    record = _record(folder)
    return record is not None and bool(record.get("ended"))


def _end_record(folder: Path) -> None:
    """The ingest drains the log and removes the folder; one that never ran has nothing to say."""
    record = _record(folder)
    if record is not None:
        state.replace(folder / state.RECORD, record | {"ended": True})
    elif folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
