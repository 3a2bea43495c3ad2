"""The checksums that S3 clients send after a body. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable
from typing import Final, Protocol

PREFIX: Final = b"x-amz-checksum-"


class Running(Protocol):
    """One checksum while its body passes."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class Crc32:
    """In the byte order that S3 writes it: big-endian."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


#: CRC32C and CRC64NVME are not in Python's library: such a checksum is taken off unread.
_MADE: Final[dict[bytes, Callable[[], Running]]] = {
    b"crc32": Crc32,
    b"sha1": lambda: hashlib.sha1(usedforsecurity=False),
    b"sha256": hashlib.sha256,
}


def running(header: bytes) -> Running | None:
    """The checksum that this header (`x-amz-checksum-crc32`) carries; None when we cannot."""
    made = _MADE.get(header.removeprefix(PREFIX))
    return made() if made is not None else None


def written(checksum: Running) -> bytes:
    """As the header has it."""
    return b64encode(checksum.digest())
