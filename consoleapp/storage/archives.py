"""Unpacks archives that strangers made: plain files only, inside one folder, within bounds."""

import gzip
import io
import shutil
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Self

from consoleapp.accounts.errors import CallerError
from consoleapp.storage.fetching import fetch

__all__ = ["ArchiveRefused", "Limits", "fetch", "unpack"]

_PIECE: Final = 1024 * 1024
#: Below this an archive cannot hurt, however well it packs: a small CSV of zeros is no bomb.
_RATIO_FROM: Final = 16 * 1024 * 1024
# Long names and extended headers are read into memory before they are looked at.
_HEADER_LIMIT: Final = 64 * 1024
_HEADERS: Final = {
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
}
_FILES: Final = {tarfile.REGTYPE, tarfile.AREGTYPE}


class ArchiveRefused(CallerError):
    """The archive is not a tar.gz, or holds what must not be unpacked."""


@dataclass(frozen=True, slots=True)
class Limits:
    files: int = 1000
    total_bytes: int = 2 * 2**30
    #: The largest single file; None for no bound besides the total.
    file_bytes: int | None = None
    #: Unpacked size over packed size.
    ratio: float = 200.0


def unpack(archive: Path, dest: Path, limits: Limits) -> list[Path]:
    """The files it made below `dest`, in the archive's order. Raises ArchiveRefused; what was
    unpacked before that stays, so give it a folder of its own."""
    packed = archive.stat().st_size
    dest.mkdir(parents=True, exist_ok=True)
    try:
        with gzip.open(archive) as plain:
            counted = _Counted(plain, packed, limits)
            with tarfile.open(fileobj=counted, mode="r|", tarinfo=_Checked) as tar:
                made = _extract(tar, dest, limits)
            # To the very end, where the checksum is.
            while counted.read(_PIECE):
                pass
            return made
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ArchiveRefused(f"The archive is not a readable .tar.gz: {error}.") from None
    except (OSError, ValueError) as error:
        # Names too long for the file system, a file where a folder is, a NUL in a name.
        raise ArchiveRefused(f"The archive cannot be unpacked: {error}.") from None


def _extract(tar: tarfile.TarFile, dest: Path, limits: Limits) -> list[Path]:
    made: dict[Path, None] = {}
    entries = 0
    for member in tar:
        entries += 1
        # Folders count too: a million empty ones are an attack as well.
        if entries > 2 * limits.files + 16 or len(made) >= limits.files and member.isreg():
            raise ArchiveRefused(f"The archive holds more than {limits.files} files.")
        target = dest / _inside(member.name)
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        if limits.file_bytes is not None and member.size > limits.file_bytes:
            raise ArchiveRefused(
                f"'{member.name}' is {_mib(member.size)}; at most {_mib(limits.file_bytes)}"
                " are accepted for one file."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(tar, member, target)
        made[target] = None
    return list(made)


def _copy(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    source = tar.extractfile(member)
    if source is None:  # pragma: no cover - only regular files come here
        raise ArchiveRefused(f"'{member.name}' is not a plain file.")
    # Owner, mode and times of the archive are not taken over.
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file, _PIECE)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise ArchiveRefused(f"'{name}' would be unpacked outside its folder.")
    return path


def _mib(size: float) -> str:
    return f"{size / 2**20:.1f} MiB"


class _Checked(tarfile.TarInfo):
    """Looks at every header as it stands in the archive, before any of it is acted upon."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        member = super().frombuf(buf, encoding, errors)
        if member.type in _HEADERS:
            if member.size > _HEADER_LIMIT:
                raise ArchiveRefused("The archive holds a header that is too long.")
        elif member.type not in _FILES and member.type != tarfile.DIRTYPE:
            raise ArchiveRefused(
                f"'{member.name}' is a link, a device or a sparse file: plain files only."
            )
        return member


class _Counted(io.RawIOBase):
    """Counts what comes out of the decompressor, so a bomb ends at the limit."""

    def __init__(self, plain: gzip.GzipFile, packed: int, limits: Limits) -> None:
        self._plain = plain
        # Tar adds a block to each file and pads it.
        most = limits.total_bytes + 2048 * limits.files + 10240
        by_ratio = max(_RATIO_FROM, int(packed * limits.ratio))
        self._limit = min(most, by_ratio)
        self._why = (
            f"It unpacks to more than {_mib(limits.total_bytes)}."
            if most <= by_ratio
            else f"It unpacks to more than {limits.ratio:g} times its size."
        )
        self._seen = 0

    def read(self, size: int = -1) -> bytes:
        data = self._plain.read(size)
        self._seen += len(data)
        if self._seen > self._limit:
            raise ArchiveRefused(f"The archive is refused. {self._why}")
        return data
