"""Carries the output of instances into log streams, every line exactly once."""

import logging
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from django.db import transaction

from consoleapp.metrics import logs
from consoleapp.metrics.instances import GONE_PREFIX, Instance, described, open_regular
from consoleapp.metrics.models import TailedFile

logger = logging.getLogger(__name__)

#: Read of one instance in one step; one that writes more is cut, so that it cannot drown the rest.
_CHUNK: Final = 256 * 1024
_MOST_BEHIND: Final = 8 * 1024 * 1024
_TRIM_EVERY: Final = 1_000
_NAME_FILE: Final = "tail.name"
_NAME: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Piece:
    lines: list[str]
    end: int


class Tailer:
    """`step` reads on. Events and the place reached are written in one transaction."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        #: What the database says, remembered so that a silent instance costs no query.
        self._offsets: dict[str, int] = {}
        self._untrimmed: dict[int, int] = {}

    def step(self) -> None:
        for leftover in self._directory.glob(f"{GONE_PREFIX}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for instance in described(self._directory):
            try:
                self._follow(instance)
            except OSError as error:
                logger.warning("cannot read the output of %s: %s", instance.instance, error)

    def _follow(self, instance: Instance) -> None:
        file = instance.open_log()
        if file is None:
            if instance.ended:
                self._remove(instance, "")
            return
        with file:
            name = _file_name(instance.folder)
            size = os.fstat(file.fileno()).st_size
            offset = self._offsets.get(name)
            if offset != size:
                offset = self._carry(instance, name, file, size)
        if instance.ended and offset >= size:
            self._remove(instance, name)

    def _carry(self, instance: Instance, name: str, file: BinaryIO, size: int) -> int:
        with transaction.atomic(using="metrics"):
            place = self._place(instance, name)
            piece = _read(file, place.offset, size, ended=instance.ended)
            if piece.end != place.offset:
                logs.add_events(place.stream, piece.lines)
                TailedFile.objects.filter(name=name).update(offset=piece.end)
                self._trim(place, len(piece.lines))
        self._offsets[name] = piece.end
        return piece.end

    def _place(self, instance: Instance, name: str) -> TailedFile:
        # Locked: a second reader of the same file waits and then sees where this one stopped.
        locked = TailedFile.objects.select_for_update().select_related("stream")
        place = locked.filter(name=name).first()
        if place is not None:
            return place
        stream = logs.open_stream(
            instance.account, instance.region, instance.log_group, instance.log_stream
        )
        return TailedFile.objects.create(name=name, stream=stream)

    def _trim(self, place: TailedFile, added: int) -> None:
        waiting = self._untrimmed.get(place.stream_id, 0) + added
        if waiting >= _TRIM_EVERY:
            logs.trim(place.stream)
            waiting = 0
        self._untrimmed[place.stream_id] = waiting

    def _remove(self, instance: Instance, name: str) -> None:
        # Renamed first: half a folder, met after a crash, must not look like a new one.
        gone = instance.folder.with_name(f"{GONE_PREFIX}{secrets.token_hex(4)}")
        instance.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        TailedFile.objects.filter(name=name).delete()
        self._offsets.pop(name, None)


def _file_name(folder: Path) -> str:
    """The name of the file behind a path: a folder made anew under an old name is another file."""
    file = open_regular(folder / _NAME_FILE)
    if file is not None:
        with file:
            name = file.read(64).decode(errors="replace")
        if _NAME.fullmatch(name):
            return name
    name = secrets.token_hex(16)
    beside = folder / f".{_NAME_FILE}"
    beside.unlink(missing_ok=True)
    # Exclusive: the instance may own its folder, and a link laid there must not be written through.
    with beside.open("x") as fresh:
        fresh.write(name)
    beside.replace(folder / _NAME_FILE)
    return name


def _read(file: BinaryIO, offset: int, size: int, *, ended: bool) -> _Piece:
    """Whole lines from `offset` on; at the end of an ended instance also the unfinished one."""
    if size < offset:
        # Emptied by its writer: what is there now is new.
        offset = 0
    skipped = size - offset - _MOST_BEHIND
    notice = []
    if skipped > 0:
        notice = [f"({skipped} bytes of output were left out: written faster than kept)"]
        offset += skipped
    file.seek(offset)
    data = file.read(_CHUNK)
    end = data.rfind(b"\n") + 1
    if len(data) == _CHUNK and end == 0 or ended and offset + len(data) >= size:
        end = len(data)
    text = data[:end].decode(errors="replace")
    return _Piece(notice + text.split("\n")[: -1 if text.endswith("\n") else None], offset + end)
