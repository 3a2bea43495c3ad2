"""Stands beside one instance for as long as it lives: prepares it, waits for its cores, starts it,
holds it to its share of them, and writes down how it ended.

`python -m endpoints.hosts.keeper FOLDER`, in a session of its own: workers come and go, the
instance stays, and ends with the console. Should the keeper itself be killed, the kernel kills the
instance (and the next look starts it anew). Standard library only: it stays small.
"""

import ctypes
import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from consoleapp import env
from endpoints import capacity
from endpoints.hosts import state, throttle
from endpoints.hosts.base import Phase
from endpoints.hosts.console import Console
from endpoints.hosts.state import State

#: AWS's time between TERM and KILL.
GRACE_S: Final = env.fraction("INSTANCE_STOP_GRACE_S", 30.0)
_LOOK_AGAIN_S: Final = 0.5
_REPIN_S: Final = 2.0
#: A keeper whose instance has ended is gone itself a moment later.
_LEAVING_S: Final = 5.0
_MOST_LOG_MIB: Final = env.number("INSTANCE_LOG_MIB", 32)
_PR_SET_PDEATHSIG: Final = 1
#: Address space holds libraries and thread stacks that no memory backs.
_ADDRESS_ROOM_MIB: Final = 2048
_libc: Final = ctypes.CDLL(None, use_errno=True)


class Stopped(Exception):
    """Someone asked this instance to end."""


class Keeper:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spec: dict[str, Any] = json.loads((folder / state.LAUNCH).read_text())
        self.log = (folder / state.LOG).open("ab", buffering=0)
        pid, start = os.getpid(), state.started_at(os.getpid()) or 0
        self.state = State(keeper_pid=pid, keeper_start=start, attempt=self.spec["attempt"])
        self.console = Console()

    def run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
        os.sched_setaffinity(0, capacity.platform_cores())
        self.describe(self.state.keeper_pid, self.state.keeper_start)
        try:
            with capacity.take_port() as port:
                self.state.port = port.numbers[0]
                self.state.write(self.folder)
                prepared = self.prepare()
                if prepared is not None:
                    self.serve(prepared, port)
        except Stopped:
            self.end("Stopped before it served")

    def say(self, phase: Phase, message: str) -> None:
        if (self.state.phase, self.state.message) != (phase, message):
            self.state.phase, self.state.message = phase.value, message
            self.state.write(self.folder)
            self.log.write(f"[host] {message}\n".encode())

    def end(self, message: str, code: int | None = None, *, permanent: bool = False) -> None:
        self.state.exit_code, self.state.permanent = code, permanent
        self.say(Phase.EXITED, message)

    def pause(self, seconds: float) -> None:
        """Sleeps; raises Stopped once someone asks for the end, or nobody is left to ask."""
        asked = signal.sigtimedwait({signal.SIGTERM, signal.SIGINT, signal.SIGHUP}, seconds)
        if asked or self.console.has_gone():
            raise Stopped

    def prepare(self) -> dict[str, Any] | None:
        """The model server's command and environment; None when there will be none."""
        answer = self.folder / state.PREPARED
        with subprocess.Popen(
            self.spec["prepare"],
            stdout=self.log,
            stderr=self.log,
            stdin=subprocess.DEVNULL,
            preexec_fn=self.tied,
            start_new_session=True,
            env={**os.environ, "INSTANCE_PORT": str(self.state.port)},
        ) as process:
            try:
                while process.poll() is None:
                    self.pause(0.05)
                    self.relay()
            except Stopped:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        result: dict[str, Any] = json.loads(answer.read_text()) if answer.exists() else {}
        if "command" in result:
            return result
        self.end(
            result.get("failure") or f"Its preparation ended with code {process.returncode}",
            process.returncode,
            permanent=bool(result.get("permanent")),
        )
        return None

    def relay(self) -> None:
        try:
            self.say(Phase.PREPARING, (self.folder / state.PREPARING).read_text())
        except FileNotFoundError:
            return

    def serve(self, prepared: dict[str, Any], port: capacity.Lease) -> None:
        lease, cores = self.cores()
        share = min(1.0, self.spec["cpu_granted"] / len(cores))
        group = throttle.Cgroup.make(self.spec["name"], share * len(cores)) if share < 1 else None
        # The child holds the locks from here on: they are free exactly when it is gone.
        held = port.descriptors + (lease.descriptors if lease else ())
        process = subprocess.Popen(
            prepared["command"],
            stdout=self.log,
            stderr=self.log,
            stdin=subprocess.DEVNULL,
            cwd=prepared["folder"],
            env={**prepared["environment"], state.MARK: self.spec["name"]},
            preexec_fn=lambda: self.confine(cores, group),
            start_new_session=True,
            pass_fds=held,
        )
        if lease:
            lease.release()
        self.state.pid = process.pid
        self.state.pid_start = state.started_at(process.pid) or 0
        self.state.cores, self.state.serving_since = cores, time.time()
        self.describe(self.state.pid, self.state.pid_start)
        self.say(Phase.SERVING, f"Serving on {self.place(cores, share, group)}")
        try:
            self.watch(process, self.turns(process.pid, cores, share if group is None else 1.0))
        finally:
            _kill_group(process.pid)
            if group:
                group.remove()

    def cores(self) -> tuple[capacity.Lease | None, tuple[int, ...]]:
        needed = capacity.cores_needed(self.spec["cpu_granted"])
        if not (self.spec["exclusive"] and capacity.exclusive()):
            return None, _shared(needed)
        while (lease := capacity.take_cores(needed)) is None:
            self.say(Phase.WAITING, f"Waiting for {needed} free core{'s'[: needed != 1]}")
            self.pause(_LOOK_AGAIN_S)
        return lease, lease.numbers

    def place(self, cores: tuple[int, ...], share: float, group: throttle.Cgroup | None) -> str:
        where = f"core{'s'[: len(cores) != 1]} {', '.join(map(str, cores))}"
        if share < 1:
            where += f" at {share:.3g} of its time ({'cgroup' if group else 'stop and continue'})"
        return where + (", for itself" if self.spec["exclusive"] and capacity.exclusive() else "")

    def turns(self, pid: int, cores: tuple[int, ...], share: float) -> Callable[[], None]:
        """What the keeper does again and again while the instance runs."""
        if share < 1:
            cycle = throttle.DutyCycle(pid, share, len(cores))
            return lambda: cycle.turn(self.pause)
        if self.spec["exclusive"]:
            return lambda: self.pause(0.1)
        return lambda: self.share_cores(pid)

    def share_cores(self, pid: int) -> None:
        """Serving instances step aside while a test has some cores for itself."""
        now = _shared(capacity.cores_needed(self.spec["cpu_granted"]))
        if now != self.state.cores:
            _pin_session(pid, now)
            self.state.cores = now
            self.state.write(self.folder)
        for _ in range(round(_REPIN_S / 0.1)):
            self.pause(0.1)
            if state.started_at(pid) is None:
                return

    def watch(self, process: subprocess.Popen[bytes], turn: Callable[[], None]) -> None:
        deadline: float | None = None
        while process.poll() is None:
            state.bound(self.log, _MOST_LOG_MIB * 2**20)
            try:
                turn()
            except Stopped:
                if deadline is None:
                    deadline = time.monotonic() + GRACE_S
                    os.killpg(process.pid, signal.SIGTERM)
            if deadline is not None and time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
        code = process.returncode
        asked = " when asked to stop" if deadline is not None else ""
        self.end(f"The model server ended with {_in_words(code)}{asked}", code)

    def tied(self) -> None:
        """Runs in the child before it becomes another program: it ends when the keeper does."""
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        if os.getppid() != self.state.keeper_pid:
            os._exit(1)

    def confine(self, cores: tuple[int, ...], group: throttle.Cgroup | None) -> None:
        self.tied()
        os.sched_setaffinity(0, cores)
        limit = (self.spec["memory_mib"] + _ADDRESS_ROOM_MIB) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if group:
            group.join()

    def describe(self, pid: int, start: int) -> None:
        """For the metrics ingest: it samples the process and collects the log."""
        members = ("account", "region", "endpoint", "variant", "vcpus", "cpu_granted", "memory_mib")
        record = {member: self.spec[member] for member in members}
        record |= {"instance": self.spec["name"], "pid": pid, "pid_start": start}
        record |= {"log_group": self.spec["log_group"], "log_stream": self.spec["log_stream"]}
        state.replace(self.folder / state.RECORD, record)


def _shared(count: int) -> tuple[int, ...]:
    """Cores for a serving instance: those no test has taken, measurable ones first."""
    taken = capacity.taken_cores()
    free = [core for core in reversed(capacity.cores()) if core not in taken]
    return tuple(sorted((free or list(capacity.platform_cores()))[:count]))


def _pin_session(pid: int, cores: tuple[int, ...]) -> None:
    # Affinity belongs to threads: every thread of every process of the instance is moved.
    for task in Path("/proc").glob("[0-9]*/task/[0-9]*"):
        try:
            if os.getsid(int(task.parts[2])) == pid:
                os.sched_setaffinity(int(task.name), cores)
        except OSError:
            continue


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _in_words(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}"


def main(folder: Path, ready: int) -> None:
    """Tells `ready` once the instance's state is on disk. A second keeper of an instance that runs
    finds the lock taken and leaves it alone."""
    with (folder / "keeper.lock").open("w") as lock:
        if not _locked(lock, folder):
            return
        for left in (state.PREPARING, state.PREPARED, state.STOPPING):
            (folder / left).unlink(missing_ok=True)
        keeper = Keeper(folder)
        keeper.state.write(folder)
        os.close(ready)
        keeper.run()


def _locked(lock: IO[str], folder: Path) -> bool:
    deadline = time.monotonic() + _LEAVING_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            before = State.read(folder)
            leaving = before is not None and before.phase == Phase.EXITED
            if not leaving or time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _detach(folder: Path) -> None:
    # The keeper proper is nobody's child: no worker that happened to launch it has to reap it.
    done, ready = os.pipe()
    if os.fork() == 0:
        os.close(done)
        main(folder, ready)
    else:
        os.close(ready)
        os.read(done, 1)  # ends when the child closes its side, or dies


if __name__ == "__main__":
    _detach(Path(sys.argv[1]))
