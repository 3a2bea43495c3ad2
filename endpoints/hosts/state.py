"""What the keeper of an instance tells everybody else: one small file, replaced as a whole.

Standard library only: the keeper stays small.
"""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Final, Self

LAUNCH: Final = "launch.json"
STATE: Final = "state.json"
RECORD: Final = "instance.json"
LOG: Final = "stdout.log"
#: What its preparation does just now, in words; and what came out of it.
PREPARING: Final = "preparing"
PREPARED: Final = "prepared.json"
#: Made when the end is asked for.
STOPPING: Final = "stopping"
#: In the environment of the model server, so that a process can be told to be ours.
MARK: Final = "INFERENCE_CONSOLE_INSTANCE"


@dataclass(slots=True, kw_only=True)
class State:
    keeper_pid: int = 0
    keeper_start: int = 0
    attempt: int = 0
    phase: str = "preparing"
    message: str = ""
    port: int = 0
    cores: tuple[int, ...] = ()
    pid: int = 0
    pid_start: int = 0
    serving_since: float = 0.0
    exit_code: int | None = None
    permanent: bool = False

    def write(self, folder: Path) -> None:
        replace(folder / STATE, asdict(self))

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """None when nothing was written yet, or what is there is of another version."""
        try:
            fields = json.loads((folder / STATE).read_text())
            return cls(**(fields | {"cores": tuple(fields["cores"])}))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def replace(path: Path, content: dict[str, Any]) -> None:
    """Readers see the old file or the new one, never half of one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(content))
    beside.replace(path)


def started_at(pid: int) -> int | None:
    """The process's start as /proc/<pid>/stat has it, in ticks since boot; None when it is gone."""
    # Fields after the name, which may itself hold spaces and brackets.
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def is_running(pid: int, start: int) -> bool:
    """Whether that very process runs: a pid alone may be another's by now."""
    return bool(pid) and started_at(pid) == start


def bound(log: FileIO, most_bytes: int) -> None:
    """Empties a log that grew too long: the ingest has read it by then, or never will.

    All its writers append, so whoever is next begins at the new end."""
    if os.fstat(log.fileno()).st_size > most_bytes:
        os.ftruncate(log.fileno(), 0)
        log.write(b"[host] The output grew too long: it was emptied and goes on here\n")


def tail(path: Path, lines: int, *, most_bytes: int = 65536) -> list[str]:
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - most_bytes))
        return file.read().decode(errors="replace").splitlines()[-lines:] if lines else []
    return []
