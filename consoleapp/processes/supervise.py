"""Starts supervisord as a child that dies with us, and tells how it goes."""

import contextlib
import ctypes
import os
import signal
import subprocess  # nosec: our own interpreter and files
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import httpx

from consoleapp.processes.configuration import supervisord
from consoleapp.processes.programs import Program

_PR_SET_PDEATHSIG: Final = 1


class NotStarted(Exception):
    """A part of the console did not come up; the message carries its last log lines."""


class Supervisor:
    """One supervisord with this copy's programs."""

    def __init__(self, programs: Iterable[Program], state: Path) -> None:
        self.programs = list(programs)
        self.run = state / "run"
        self.logs = state / "logs"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, cores: Iterable[int]) -> None:
        """Writes the configuration and starts everything, pinned to the platform's cores."""
        for directory in (self.run, self.logs):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.run / "supervisord.conf"
        path.write_text(supervisord(self.programs, run=self.run, logs=self.logs))
        wanted = set(cores)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # A session of its own: Ctrl-C reaches us alone, and we stop the rest in order.
            start_new_session=True,
            preexec_fn=lambda: _before_exec(wanted),
        )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, *, timeout_s: float | None = None) -> None:
        """Asks everything to stop, and kills what does not: nothing is left running."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout_s or self._patience_s())
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # Its own death, or a kill from outside, would leave them to nobody.
        _kill_session(self.process.pid)

    def _patience_s(self) -> float:
        """What the programs may take, priority after priority, and a little for supervisord."""
        longest: dict[int, int] = {}
        for each in self.programs:
            longest[each.priority] = max(each.stop_s, longest.get(each.priority, 0))
        return sum(longest.values()) + 5

    def wait_ready(self, url: str, *, timeout_s: float, on_wait: Callable[[str], None]) -> None:
        """Until /health answers that every part is up. Raises NotStarted with the log's end."""
        deadline = time.monotonic() + timeout_s
        missing = "web"
        while time.monotonic() < deadline:
            if not self.alive():
                raise NotStarted(f"supervisord stopped.\n{self.tail('supervisord')}")
            missing = _missing(url)
            if not missing:
                return
            on_wait(missing)
            time.sleep(0.2)
        first = missing.split(",")[0].strip()
        raise NotStarted(f"not up after {timeout_s:g} s: {missing}\n{self.tail(first)}")

    def tail(self, name: str, lines: int = 20) -> str:
        path = self.logs / f"{name}.log"
        if not path.exists():
            return f"(no log at {path})"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def _missing(url: str) -> str:
    """The parts that are not up yet, by name; empty when all are."""
    try:
        answer = httpx.get(f"{url}/health", timeout=5, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return "web"
    return ", ".join(name for name, state in answer["parts"].items() if state != "ok")


def session(leader: int) -> Iterator[Path]:
    """The processes of a session, as /proc has them; its leader may be gone."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(process.name)) == leader:
                yield process


def _kill_session(leader: int) -> None:
    for process in session(leader):
        with contextlib.suppress(OSError):
            os.kill(int(process.name), signal.SIGKILL)


def _before_exec(cores: set[int]) -> None:
    # Should this process be killed outright, the kernel tells supervisord to stop the rest.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.sched_setaffinity(0, cores)
