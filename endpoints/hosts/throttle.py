"""Gives a process group a fraction of its cores: a cgroup where writable, else stop and continue.

Standard library only: runs in the keeper.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from consoleapp import env

PERIOD_S: Final = 0.010
_PERIOD_US: Final = 10_000
_LEAST_QUOTA_US: Final = 1_000
_PARENT: Final = "inference-console"
_V2: Final = Path("/sys/fs/cgroup")
_V1: Final = Path("/sys/fs/cgroup/cpu")
#: How often the duty cycle compares what was used with what was granted.
_LOOK_S: Final = 0.5


class Cgroup:
    """A CPU quota by the kernel. Short periods: with the usual 100 ms, p99 is four times longer."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls, name: str, cores: float) -> "Cgroup | None":
        """None where this process may not make one, or CPU_CAP=signals says not to."""
        if env.text("CPU_CAP", "cgroup") == "signals":
            return None
        quota_us = max(_LEAST_QUOTA_US, round(cores * _PERIOD_US))
        # Paths are limited to 255 bytes a part; an instance name may be longer than that here.
        for attempt in (cls._second, cls._first):
            with contextlib.suppress(OSError):
                return attempt(name[-200:], quota_us)
        return None

    @classmethod
    def _second(cls, name: str, quota_us: int) -> "Cgroup":
        parent = _V2 / _PARENT
        if "cpu" not in (_V2 / "cgroup.subtree_control").read_text().split():
            raise FileNotFoundError("no cpu controller in this hierarchy")
        parent.mkdir(exist_ok=True)
        (parent / "cgroup.subtree_control").write_text("+cpu")
        path = parent / name
        path.mkdir(exist_ok=True)
        (path / "cpu.max").write_text(f"{quota_us} {_PERIOD_US}")
        return cls(path)

    @classmethod
    def _first(cls, name: str, quota_us: int) -> "Cgroup":
        path = _V1 / _PARENT / name
        # cfs_quota_us exists only in a hierarchy that is cgroup v1's.
        (_V1 / "cpu.cfs_quota_us").read_text()
        path.mkdir(parents=True, exist_ok=True)
        (path / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (path / "cpu.cfs_quota_us").write_text(str(quota_us))
        return cls(path)

    def join(self) -> None:
        """Moves the calling process in; what it starts follows."""
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self) -> None:
        # Members that have just been killed leave it a moment later.
        for _ in range(20):
            try:
                self.path.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.05)
            else:
                return


class DutyCycle:
    """Lets a process group run for `share` of the time on `cores` cores, and corrects itself: when
    the keeper wakes late, and when threads run on for a while after the stop was sent."""

    def __init__(self, group: int, share: float, cores: int) -> None:
        self.group = group
        self.share = share
        self.granted = share * cores
        self._on_s = PERIOD_S * share
        self._ran_s = self._since_s = self._resumed_at = 0.0
        self._looked_at, self._used_s = time.monotonic(), cpu_time_s(group)

    def turn(self, pause: Callable[[float], None]) -> None:
        """One period. `pause` sleeps, and may raise: the group is never left stopped then."""
        begin = self._resumed_at or time.monotonic()
        pause(self._on_s)
        # Clocks are read on the far side of each signal: a late keeper gave the group that time.
        self._signal(signal.SIGSTOP)
        try:
            stopped_at = time.monotonic()
            self._ran_s += stopped_at - begin
            self._since_s += stopped_at - begin
            pause(max(0.0, self._ran_s * PERIOD_S / self._on_s - self._since_s))
        finally:
            self._resumed_at = time.monotonic()
            self._signal(signal.SIGCONT)
        self._since_s += self._resumed_at - stopped_at
        if self._resumed_at - self._looked_at > _LOOK_S:
            self._correct()

    def _correct(self) -> None:
        used_s = cpu_time_s(self.group)
        rate = (used_s - self._used_s) / (self._resumed_at - self._looked_at)
        if rate > self.granted:
            self._on_s *= max(0.5, self.granted / rate)
        elif rate < 0.95 * self.granted:
            self._on_s = min(PERIOD_S * self.share, self._on_s * 1.05)
        self._looked_at, self._used_s = self._resumed_at, used_s
        self._ran_s = self._since_s = 0.0

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.group, number)


def cpu_time_s(pid: int) -> float:
    """What a process and its descendants have used, by the scheduler's own nanoseconds."""
    used_ns = 0
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            used_ns += int((task / "schedstat").read_text().split()[0])
            for child in (task / "children").read_text().split():
                used_ns += round(cpu_time_s(int(child)) * 1e9)
    return used_ns / 1e9
