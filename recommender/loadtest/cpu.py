"""Who uses the test's cores: /proc/stat per core, less what the test's own processes used."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat, counted from the state that follows the command name.
_PARENT: Final = 1
_TIMES: Final = slice(11, 15)


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """Ticks since boot. `work` is user, nice and system; interrupts are nobody's."""

    work: int
    idle: int
    interrupts: int
    steal: int

    @property
    def total(self) -> int:
        return self.work + self.idle + self.interrupts + self.steal


@dataclass(frozen=True, slots=True)
class CoreUse:
    """Shares (0..1) of the watched cores' time since the sample before."""

    own: float
    foreign: float
    steal: float


class CoreWatch:
    """Samples the use of `cores`; `roots` are the test's own processes, children included."""

    def __init__(self, cores: Collection[int], roots: Iterable[int]) -> None:
        self._cores = frozenset(cores)
        self.roots = set(roots)
        self._times = self._read()
        self._own = process_ticks(self.roots)

    def sample(self) -> CoreUse:
        """The use since the last call (or since the watch began)."""
        before, self._times = self._times, self._read()
        own_before, self._own = self._own, process_ticks(self.roots)
        total = max(1, self._times.total - before.total)
        # A process that ended took its ticks with it: never less than none.
        own = max(0, self._own - own_before)
        foreign = max(0, self._times.work - before.work - own)
        return CoreUse(
            own=own / total,
            foreign=foreign / total,
            steal=(self._times.steal - before.steal) / total,
        )

    def _read(self) -> CoreTimes:
        times = core_times()
        mine = [times[core] for core in self._cores if core in times]
        return CoreTimes(
            work=sum(t.work for t in mine),
            idle=sum(t.idle for t in mine),
            interrupts=sum(t.interrupts for t in mine),
            steal=sum(t.steal for t in mine),
        )


class BusiestCore:
    """Samples how busy the busiest of `cores` was, with whomever."""

    def __init__(self, cores: Collection[int]) -> None:
        self._cores = frozenset(cores)
        self._times = core_times()

    def sample(self) -> float:
        """The share (0..1) since the last call (or since the watch began)."""
        before, self._times = self._times, core_times()
        both = self._cores & before.keys() & self._times.keys()
        return max((_busy(before[core], self._times[core]) for core in both), default=0.0)


def _busy(before: CoreTimes, now: CoreTimes) -> float:
    total = now.total - before.total
    return 1.0 - (now.idle - before.idle) / total if total else 0.0


def core_times(stat: str | None = None) -> Mapping[int, CoreTimes]:
    """Each core's times, from the text of /proc/stat."""
    text = (_PROC / "stat").read_text() if stat is None else stat
    times: dict[int, CoreTimes] = {}
    for line in text.splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name[3:].isdigit():
            user, nice, system, idle, iowait, irq, softirq, steal = map(int, fields[:8])
            times[int(name[3:])] = CoreTimes(
                user + nice + system, idle + iowait, irq + softirq, steal
            )
    return times


def process_ticks(roots: Iterable[int]) -> int:
    """CPU ticks of these processes and all that descend from them, ended children included."""
    ticks: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for entry in os.listdir(_PROC):
        fields = _stat_of(entry) if entry.isdigit() else None
        if fields is not None:
            ticks[int(entry)] = sum(map(int, fields[_TIMES]))
            children.setdefault(int(fields[_PARENT]), []).append(int(entry))
    waiting = [pid for pid in roots if pid in ticks]
    seen: set[int] = set()
    while waiting:
        pid = waiting.pop()
        if pid not in seen:
            seen.add(pid)
            waiting += children.get(pid, ())
    return sum(ticks[pid] for pid in seen)


def process_seconds(roots: Iterable[int]) -> float:
    """The same in seconds of CPU time."""
    return process_ticks(roots) / _TICKS_PER_S


def _stat_of(pid: str) -> list[str] | None:
    try:
        text = (_PROC / pid / "stat").read_text()
    except OSError:
        return None  # It ended while we were looking.
    # The command name may hold spaces and brackets: everything counts from the last bracket.
    return text[text.rfind(")") + 2 :].split()
