"""Chunked bodies: taken apart as they arrive, and put together. Pure."""

from typing import Final

from endpoints.wire.headers import Malformed

_LINE_LIMIT: Final = 1024
_TRAILER_LIMIT: Final = 8 * 1024
_HEX: Final = b"0123456789abcdefABCDEF"
LAST_CHUNK: Final = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk. Empty data must not be given: an empty chunk would end the body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class ChunkedReader:
    """Feed it what arrives: it returns the pieces of the body, and what lies after its end.

    Sizes are plain hexadecimal, lines end with CR LF: anything else raises Malformed.
    Trailers are read and dropped.
    """

    __slots__ = ("_in_trailer", "_line", "_missing", "_trailer_size", "done", "rest")

    def __init__(self) -> None:
        self.done = False
        #: Bytes after the end of the body, once `done`.
        self.rest = b""
        self._line = b""
        #: Bytes of the present chunk still to come, with the CR LF that closes it.
        self._missing = 0
        self._in_trailer = False
        self._trailer_size = 0

    def feed(self, data: bytes) -> list[bytes]:
        pieces: list[bytes] = []
        # A position, not ever shorter copies: a buffer of tiny chunks would cost its square.
        at, size = 0, len(data)
        while at < size and not self.done:
            if self._missing > 2:
                piece = data[at : at + self._missing - 2]
                pieces.append(piece)
                self._missing -= len(piece)
                at += len(piece)
            elif self._missing:
                self._take_end(data[at : at + 1])
                at += 1
            else:
                at = self._take_line(data, at)
        self.rest = data[at:]
        return pieces

    def _take_end(self, byte: bytes) -> None:
        if byte != (b"\r" if self._missing == 2 else b"\n"):
            raise Malformed("a chunk does not end where it said")
        self._missing -= 1

    def _take_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at)
        line = self._line + (data[at:] if end < 0 else data[at:end])
        if len(line) > _LINE_LIMIT:
            raise Malformed("a chunk line is too long")
        if end < 0:
            self._line = line
            return len(data)
        self._line = b""
        if line[-1:] != b"\r":
            raise Malformed("a chunk line does not end with CR LF")
        self._read_line(line[:-1])
        return end + 1

    def _read_line(self, line: bytes) -> None:
        if self._in_trailer:
            self._trailer_size += len(line)
            if self._trailer_size > _TRAILER_LIMIT:
                raise Malformed("the trailer is too long")
            self.done = not line
            return
        size = line.partition(b";")[0].rstrip(b" \t")
        if not size or len(size) > 15 or size.translate(None, _HEX) or b"\r" in line:
            raise Malformed("a chunk size is not hexadecimal")
        length = int(size, 16)
        self._in_trailer = length == 0
        self._missing = length + 2 if length else 0
