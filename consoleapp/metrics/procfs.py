"""Reads /proc: processes, their parents and what they have used. Linux only."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    session: int
    #: Clock ticks after boot, as in field 22 of /proc/<pid>/stat.
    start_ticks: int
    #: CPU time of the process and of the children it has waited for.
    cpu_s: float


def snapshot() -> dict[int, Process]:
    """All processes by pid. One that ends meanwhile is left out."""
    found = (process(int(name)) for name in os.listdir(_PROC) if name.isdigit())
    return {entry.pid: entry for entry in found if entry is not None}


def process(pid: int) -> Process | None:
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The command, in brackets, may itself hold spaces and brackets: count from the last one.
    fields = text[text.rindex(b")") + 2 :].split()
    return Process(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        start_ticks=int(fields[19]),
        cpu_s=sum(map(int, fields[11:15])) / _TICKS_PER_S,
    )


def tree(root: int, processes: Mapping[int, Process]) -> list[Process]:
    """A process, its descendants, and what it left behind in its session."""
    children: dict[int, list[Process]] = {}
    for entry in processes.values():
        children.setdefault(entry.parent, []).append(entry)
    members = {p.pid: p for p in processes.values() if p.pid == root or p.session == root}
    waiting = list(members)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child.pid not in members:
                members[child.pid] = child
                waiting.append(child.pid)
    return list(members.values())


def memory_bytes(members: Iterable[Process]) -> int:
    """Resident memory of processes together."""
    sizes = [_resident_and_shared(member.pid) for member in members]
    if not sizes:
        return 0
    # Workers of one server map the same libraries: count what is shared once. The exact answer
    # (PSS) walks every page under the process's memory lock and would disturb what is measured.
    return sum(resident - shared for resident, shared in sizes) + max(s for _, s in sizes)


def _resident_and_shared(pid: int) -> tuple[int, int]:
    try:
        fields = (_PROC / str(pid) / "statm").read_bytes().split()
    except OSError:
        return 0, 0
    return int(fields[1]) * _PAGE, int(fields[2]) * _PAGE
