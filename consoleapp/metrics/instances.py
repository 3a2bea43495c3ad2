"""The folders in which a runner describes its running instances: instance.json and stdout.log."""

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

LOG_FILE: Final = "stdout.log"
GONE_PREFIX: Final = ".gone-"


@dataclass(frozen=True, slots=True)
class Instance:
    folder: Path
    account: str
    region: str
    endpoint: str
    variant: str
    instance: str
    pid: int
    #: The process's start, as /proc/<pid>/stat has it: a pid alone may be another's by now.
    pid_start: float
    log_group: str
    log_stream: str
    vcpus: float
    cpu_granted: float
    memory_mib: float
    ended: bool

    @classmethod
    def from_json(cls, folder: Path, data: dict[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError when something is missing or odd."""
        texts = ("account", "region", "endpoint", "variant", "instance", "log_group", "log_stream")
        return cls(
            folder=folder,
            **{name: str(data[name]) for name in texts},
            pid=int(data["pid"]),
            pid_start=float(data["pid_start"]),
            vcpus=float(data["vcpus"]),
            cpu_granted=float(data["cpu_granted"]),
            memory_mib=float(data["memory_mib"]),
            ended=bool(data.get("ended", False)),
        )

    def open_log(self) -> BinaryIO | None:
        return open_regular(self.folder / LOG_FILE)


def described(directory: Path) -> Iterator[Instance]:
    """Every instance with a readable description; a half-written one comes the next second."""
    if not directory.is_dir():
        return
    for folder in sorted(directory.iterdir()):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        instance = _read(folder)
        if instance is not None:
            yield instance


def open_regular(path: Path) -> BinaryIO | None:
    # The instance may own its folder: a link or a pipe laid there must not be followed.
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    return os.fdopen(handle, "rb")


def _read(folder: Path) -> Instance | None:
    file = open_regular(folder / "instance.json")
    if file is None:
        return None
    with file:
        try:
            return Instance.from_json(folder, json.load(file))
        except (KeyError, TypeError, ValueError):
            return None
