"""The core ledger: which cores of this machine are whose. One per machine, shared by all copies.

A lock file per core; its descriptor is inherited by the process that runs on the core, so a core
is free again exactly when that process is gone, however it went. Knows no Django: the keeper of
an instance uses it too.
"""

import contextlib
import fcntl
import math
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

from consoleapp import env
from endpoints.errors import CannotGrant

#: Below this share of the asked size, a measurement would say too little about it.
FLOOR: Final = 1 / 8
#: Outside the range that Linux hands out by itself (32768 and up).
_PORTS: Final = range(20000, 32000)


@dataclass(frozen=True, slots=True)
class Machine:
    cores: int
    cpu_model: str
    memory_mib: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Held for as long as a process has the descriptors open; hand them to the one that works."""

    numbers: tuple[int, ...]
    descriptors: tuple[int, ...]

    def release(self) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()


@cache
def machine() -> Machine:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(cores=len(cores()), cpu_model=_cpu_model(), memory_mib=pages // 2**20)


def _cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return os.uname().machine


@cache
def cores() -> tuple[int, ...]:
    """Every core this machine lets us use, though we may be pinned to fewer ourselves."""
    named = env.names("CORES")
    if named:
        return tuple(sorted(int(core) for core in named))
    before = os.sched_getaffinity(0)
    with contextlib.suppress(OSError):
        # The kernel cuts this down to our cpuset: the answer is what we could have.
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        try:
            return tuple(sorted(os.sched_getaffinity(0)))
        finally:
            os.sched_setaffinity(0, before)
    return tuple(sorted(before))


def platform_cores() -> tuple[int, ...]:
    """The first core, or a quarter of many: the console, its gateway and the load generator."""
    known = cores()
    return known[:1] if len(known) < 4 else known[: max(2, len(known) // 4)]


def measurable_cores() -> tuple[int, ...]:
    """Cores a test may have for itself; on a machine of one core it shares that one."""
    return cores()[len(platform_cores()) :] or cores()


def exclusive() -> bool:
    """False on a machine of one core: what is measured there shares it with the platform."""
    return len(cores()) > 1


def cores_needed(cpu_granted: float) -> int:
    return max(1, math.ceil(cpu_granted - 1e-9))


def scale_for(vcpus: Iterable[float]) -> float:
    """The one scale at which all these sizes fit; raises CannotGrant below the floor."""
    largest = max(vcpus)
    grantable = len(measurable_cores())
    scale = min(1.0, grantable / largest)
    if scale < FLOOR:
        raise CannotGrant(
            f"{largest:g} vCPUs on {grantable} measurable core{'s'[: grantable != 1]} would be"
            f" measured at {scale:.3f} of its size; the floor is {FLOOR:g}."
        )
    return scale


def available(cores_needed: int) -> bool:
    """Whether that many measurable cores are free now; another may take them meanwhile."""
    lease = take_cores(cores_needed)
    if lease is None:
        return False
    lease.release()
    return True


def take_cores(count: int) -> Lease | None:
    """That many measurable cores for the holder alone, all or none; the last ones first."""
    return _take("core", reversed(measurable_cores()), count)


def taken_cores() -> frozenset[int]:
    """Cores that some test on this machine has for itself."""
    found = set()
    with _door():
        for core in measurable_cores():
            descriptor = _lock(f"core-{core}")
            if descriptor is None:
                found.add(core)
            else:
                os.close(descriptor)
    return frozenset(found)


def take_port() -> Lease:
    """A loopback port that no other instance of any copy on this machine has."""
    start = os.getpid() * 7 % len(_PORTS)
    turn = (_PORTS[(start + offset) % len(_PORTS)] for offset in range(len(_PORTS)))
    lease = _take("port", (port for port in turn if _is_free(port)), 1)
    if lease is None:
        raise CannotGrant("No loopback port is free.")
    return lease


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _take(kind: str, numbers: Iterable[int], count: int) -> Lease | None:
    held: dict[int, int] = {}
    with _door():
        for number in numbers:
            if len(held) == count:
                break
            descriptor = _lock(f"{kind}-{number}")
            if descriptor is not None:
                held[number] = descriptor
    lease = Lease(tuple(sorted(held)), tuple(held.values()))
    if len(held) < count:
        lease.release()
        return None
    return lease


@contextlib.contextmanager
def _door() -> Iterator[None]:
    # One at a time looks at the ledger: two that need several cores cannot block each other.
    descriptor = _open("door")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _lock(name: str) -> int | None:
    descriptor = _open(name)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def ledger_dir() -> Path:
    path = Path(env.text("CORE_LEDGER_DIR") or f"{tempfile.gettempdir()}/inference-console-cores")
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        # Copies of several users share the ledger; as in /tmp, none may remove another's file.
        with contextlib.suppress(PermissionError):
            path.chmod(0o1777)
    return path


def _open(name: str) -> int:
    path = ledger_dir() / name
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with contextlib.suppress(FileNotFoundError):
        return os.open(path, flags)
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return os.open(path, flags)
    # Whatever the umask says: copies of other users lock it too.
    os.fchmod(descriptor, 0o644)
    return descriptor
