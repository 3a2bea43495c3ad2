"""S3's aws-chunked bodies: taken apart while they stream, each signed chunk verified. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from consoleapp.aws.sigv4 import Claim

SIGNED: Final = frozenset(
    {b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"}
)
UNSIGNED: Final = b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_LINE_LIMIT: Final = 4096
_CHUNK_LIMIT: Final = 32 * 1024 * 1024
_SIGNATURE: Final = b"chunk-signature="
_TRAILER_SIGNATURE: Final = b"x-amz-trailer-signature"
_TRAILER_LINES: Final = 16


class ChunkRefused(Exception):
    """The body is not aws-chunked, or a chunk is not signed by the one who signed the request."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What chunks are verified with: the request's own claim and signing key."""

    claim: Claim
    key: bytes


class AwsChunks:
    """Feed it what arrives; it returns what may be passed on. `done` after the last chunk.

    With a seal, a chunk is passed on once it is whole and its signature is right.
    """

    __slots__ = (
        *("_buffer", "_in_trailer", "_previous", "_seal", "_signature", "_size"),
        *("done", "trailer"),
    )

    def __init__(self, seal: Seal | None) -> None:
        self.done = False
        #: The headers behind the last chunk, in lower case; with a seal they are genuine.
        self.trailer: dict[bytes, bytes] = {}
        self._buffer = bytearray()
        self._seal = seal
        self._previous = seal.claim.signature if seal else b""
        #: Size of the present chunk, once its line was read.
        self._size: int | None = None
        self._signature = b""
        self._in_trailer = False

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        out: list[bytes] = []
        while not self.done and self._step(out):
            pass
        return b"".join(out)

    def _step(self, out: list[bytes]) -> bool:
        """One line or one chunk; False when more must arrive first."""
        if self._size is not None:
            return self._take_chunk(self._size, out)
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > _LINE_LIMIT:
                raise ChunkRefused("a chunk line is too long")
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        if not self._in_trailer:
            self._read_line(line)
        elif line:
            if len(self.trailer) == _TRAILER_LINES:
                raise ChunkRefused("its trailer is too long")
            name, _, value = line.partition(b":")
            self.trailer[name.strip().lower()] = value.strip()
        else:
            self._end()
        return True

    def _end(self) -> None:
        signature = self.trailer.pop(_TRAILER_SIGNATURE, b"")
        if self._seal is not None and self.trailer:
            lines = b"".join(b"%b:%b\n" % item for item in self.trailer.items())
            self._check("AWS4-HMAC-SHA256-TRAILER", signature, _digest(lines))
        self.done = True

    def _read_line(self, line: bytes) -> None:
        size, _, extension = line.partition(b";")
        try:
            self._size = int(size, 16)
        except ValueError:
            raise ChunkRefused("a chunk size is not hexadecimal") from None
        if not 0 <= self._size <= _CHUNK_LIMIT:
            raise ChunkRefused(f"a chunk is larger than {_CHUNK_LIMIT} bytes")
        self._signature = extension.removeprefix(_SIGNATURE)
        if self._seal is not None and self._signature == extension:
            raise ChunkRefused("a chunk is not signed")

    def _take_chunk(self, size: int, out: list[bytes]) -> bool:
        if size == 0:
            self._verify(b"")
            self._size = None
            self._in_trailer = True
            return True
        if len(self._buffer) < size + 2:
            return False
        data = bytes(self._buffer[:size])
        if self._buffer[size : size + 2] != b"\r\n":
            raise ChunkRefused("a chunk does not end where it said")
        del self._buffer[: size + 2]
        self._verify(data)
        self._size = None
        out.append(data)
        return True

    def _verify(self, data: bytes) -> None:
        """The signature that the chunk's line carried."""
        self._check("AWS4-HMAC-SHA256-PAYLOAD", self._signature, _digest(b""), _digest(data))

    def _check(self, kind: str, signature: bytes, *digests: str) -> None:
        if self._seal is None:
            return
        claim = self._seal.claim
        scope = f"{claim.scope}/aws4_request"
        text = "\n".join((kind, claim.stamp, scope, self._previous.decode("latin-1"), *digests))
        expected = hmac.digest(self._seal.key, text.encode("latin-1"), "sha256").hex().encode()
        if not hmac.compare_digest(expected, signature):
            raise ChunkRefused("a signature in it does not match")
        self._previous = expected


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
