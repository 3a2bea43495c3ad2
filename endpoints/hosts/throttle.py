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

PERIOD_S: Final = 0.010
_PERIOD_US: Final = 10_000
_LEAST_QUOTA_US: Final = 1_000
_PARENT: Final = "inference-console"
_V2: Final = Path("/sys/fs/cgroup")
_V1: Final = Path("/sys/fs/cgroup/cpu")
#: How long the past counts when the duty cycle makes up for a late wake.
_MEMORY_S: Final = 1.0


class Cgroup:
    """A CPU quota by the kernel. Short periods: with the usual 100 ms, p99 is four times longer."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls, name: str, cores: float) -> "Cgroup | None":
        """None where this process may not make one."""
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
    """Lets a process group run for `share` of the time; corrects itself when it wakes late."""

    def __init__(self, group: int, share: float) -> None:
        self.group = group
        self.share = share
        self._ran_s = self._since_s = 0.0

    def turn(self, pause: Callable[[float], None]) -> None:
        """One period. `pause` sleeps, and may raise: the group is never left stopped then."""
        begin = time.monotonic()
        pause(PERIOD_S * self.share)
        stopped_at = time.monotonic()
        self._ran_s += stopped_at - begin
        self._since_s += stopped_at - begin
        off_s = self._ran_s / self.share - self._since_s
        if off_s > 0:
            self._signal(signal.SIGSTOP)
            try:
                pause(off_s)
            finally:
                self._signal(signal.SIGCONT)
            self._since_s += time.monotonic() - stopped_at
        if self._since_s > _MEMORY_S:
            self._ran_s = self._since_s = 0.0

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.group, number)
