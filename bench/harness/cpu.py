"""CPU time of process trees, and of cores, from /proc."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def tree_of(pid: int) -> list[int]:
    """The process and all its descendants that are alive."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += tree_of(int(child))
        except OSError:
            continue
    return found


def seconds_of(pids: Iterable[int]) -> float:
    """User and system time of the processes, reaped children included."""
    total = 0
    for pid in pids:
        for each in tree_of(pid):
            try:
                fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
    return total / _TICK


def _core_times(core: int) -> tuple[int, int]:
    """Busy (steal included) and all ticks of one core."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name == f"cpu{core}":
            ticks = [int(field) for field in fields[:8]]
            return sum(ticks) - ticks[3] - ticks[4], sum(ticks)
    raise LookupError(f"no core {core}")


@dataclass(frozen=True, slots=True)
class Used:
    """Shares of one core (1 = all of it) over the interval."""

    seconds: float
    of_processes: dict[str, float]
    of_cores: dict[int, float]


class Watch:
    """`with Watch({"gateway": [pid]}, cores=(0, 1)) as watch: ...`, then `watch.used`."""

    def __init__(self, processes: dict[str, list[int]], *, cores: Iterable[int] = ()) -> None:
        self._processes = processes
        self._cores = tuple(cores)
        self.used = Used(0.0, {}, {})

    def __enter__(self) -> "Watch":
        self._start = time.monotonic()
        self._before = self._look()
        return self

    def __exit__(self, *_: object) -> None:
        elapsed = time.monotonic() - self._start
        processes, cores = self._look()
        old_processes, old_cores = self._before
        self.used = Used(
            elapsed,
            {name: (now - old_processes[name]) / elapsed for name, now in processes.items()},
            {
                core: (now[0] - old_cores[core][0]) / max(1, now[1] - old_cores[core][1])
                for core, now in cores.items()
            },
        )

    def _look(self) -> tuple[dict[str, float], dict[int, tuple[int, int]]]:
        processes = {name: seconds_of(pids) for name, pids in self._processes.items()}
        return processes, {core: _core_times(core) for core in self._cores}
