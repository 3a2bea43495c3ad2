"""Captured records on disk between the gateway and the delivery to S3. Pure.

A file holds what one variant did in a window of time: a line that says whose it is, then records.
It is `.open` while it grows and `.ready` once it may be delivered, so that neither a gateway nor
a delivery that is killed loses what is written. The folder never holds more than its bound.
"""

import contextlib
import json
import logging
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

from endpoints.capture.record import Record

logger = logging.getLogger(__name__)

#: Below the state directory.
CAPTURE_FOLDER: Final = "capture"
OPEN: Final = ".open"
READY: Final = ".ready"
WINDOW_S: Final = 10.0
MOST_IN_FILE: Final = 8 * 2**20
MOST_IN_FOLDER: Final = 256 * 2**20
_LOOK_S: Final = 1.0
#: A gateway that lives closes its files long before.
_ABANDONED_WINDOWS: Final = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Whose records a file holds. `config` is the DataCaptureConfig, as JSON."""

    account: str
    region: str
    endpoint: str
    variant: str
    config: str

    def header(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, header: bytes) -> Self:
        """Raises ValueError or TypeError when it is no header."""
        fields: dict[str, Any] = json.loads(header)
        return cls(**{name: str(value) for name, value in fields.items()})


@dataclass(slots=True)
class _File:
    path: Path
    stream: IO[bytes]
    opened_at: float
    hour: int
    size: int = 0

    def takes(self, record: Record) -> bool:
        # Files lie in folders of hours: none holds records of two.
        return self.size < MOST_IN_FILE and int(record.at // 3600) == self.hour


class Spool:
    """Used by one thread at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        window_s: float = WINDOW_S,
        most: int = MOST_IN_FOLDER,
        look_s: float = _LOOK_S,
    ) -> None:
        self._folder = folder
        self._window_s = window_s
        self._most = most
        self._look_s = look_s
        self._held = 0
        self._next_look = 0.0
        self._files: dict[Place, _File] = {}

    @property
    def is_open(self) -> bool:
        """Whether a file waits for its window to end."""
        return bool(self._files)

    def write(self, records: Iterable[tuple[Place, Record]]) -> dict[Place, int]:
        """Answers how many records of each place found no room. Raises nothing for a full disk."""
        self._look_at_folder()
        written: Counter[Place] = Counter()
        dropped: Counter[Place] = Counter()
        for place, record in records:
            (written if self._write(place, record) else dropped)[place] += 1
        # Out of the process: a kill loses nothing that was written.
        for place in [place for place in written if not self._flush(place)]:
            dropped[place] += written[place]
        return dict(dropped)

    def close_due(self) -> None:
        """Hands over the files whose window is over."""
        due = time.time() - self._window_s
        for place, file in list(self._files.items()):
            if file.opened_at <= due:
                self._close(place)

    def close(self) -> None:
        for place in list(self._files):
            self._close(place)

    def _look_at_folder(self) -> None:
        """How full it is. Not each time: while the store is away there may be many files."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + self._look_s
            self._held = held_in(self._folder)

    def _write(self, place: Place, record: Record) -> bool:
        if self._held >= self._most:
            return False
        raw = record.encode()
        try:
            file = self._file_for(place, record)
            file.stream.write(raw)
        except OSError as error:
            self._forget(place, error)
            return False
        file.size += len(raw)
        self._held += len(raw)
        return True

    def _file_for(self, place: Place, record: Record) -> _File:
        file = self._files.get(place)
        if file is not None and not file.takes(record):
            self._close(place)
            file = None
        return file or self._opened(place, record)

    def _flush(self, place: Place) -> bool:
        file = self._files.get(place)
        if file is None:
            return False
        try:
            file.stream.flush()
        except OSError as error:
            self._forget(place, error)
            return False
        return True

    def _opened(self, place: Place, record: Record) -> _File:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{int(record.at * 1000)}-{uuid.uuid4()}"
        path = self._folder / (name + OPEN)
        stream = path.open("xb")
        stream.write(place.header())
        file = _File(path, stream, time.time(), int(record.at // 3600))
        self._files[place] = file
        return file

    def _close(self, place: Place) -> None:
        file = self._files.pop(place)
        try:
            file.stream.close()
            file.path.rename(file.path.with_suffix(READY))
        except OSError as error:
            # Delivered already, say: a process that was stopped for a minute looks dead.
            logger.warning("%s cannot be handed over: %s", file.path.name, error)

    def _forget(self, place: Place, error: OSError) -> None:
        """What is in its file so far is delivered once that counts as abandoned."""
        logger.warning("captured data cannot be written: %s", error)
        file = self._files.pop(place, None)
        if file is not None:
            # What could not be written cannot be written now either.
            with contextlib.suppress(OSError):
                file.stream.close()


def held_in(folder: Path) -> int:
    """Bytes in all of its files."""
    return sum(_size(path) for path in folder.glob("*-*.*"))


def deliverable(folder: Path) -> list[Path]:
    """The oldest first; also those that a gateway left open when it died."""
    abandoned = time.time() - _ABANDONED_WINDOWS * WINDOW_S
    found = [*folder.glob(f"*{READY}")]
    found += [path for path in folder.glob(f"*{OPEN}") if 0 < _modified(path) < abandoned]
    return sorted(found)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
