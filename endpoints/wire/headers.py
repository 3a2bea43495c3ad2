"""Header lines of HTTP/1.1, read strictly: what two parsers could read in two ways is refused.

Runs in the gateway: no Django here.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

HEAD_LIMIT: Final = 16 * 1024
HEADER_COUNT_LIMIT: Final = 100
HEAD_END: Final = b"\r\n\r\n"

_TOKEN: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CONTROLS: Final = bytes(set(range(32)) - {9}) + b"\x7f"
# Headers that decide where a message ends or whom it is for: said twice, they are an attack.
_ONCE: Final = {b"content-length", b"transfer-encoding", b"host", b"authorization"}
#: Clients send the same few lines again and again: as many are remembered, so most cost one
#: look-up. Lines that never come twice push out no more than one another.
LINES_REMEMBERED: Final = 512

Headers = dict[bytes, bytes]


class Malformed(ValueError):
    """The message cannot be read in exactly one way. The connection is of no use after it."""


def read_headers(lines: Sequence[bytes]) -> Headers:
    """Names in lower case; a repeated header's values are joined with a comma."""
    headers = dict(map(_read_line, lines))
    if len(headers) != len(lines):
        headers = _joined(lines)
    if len(headers) > HEADER_COUNT_LIMIT:
        raise Malformed("too many headers")
    return headers


@lru_cache(maxsize=LINES_REMEMBERED)
def _read_line(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon:
        raise Malformed("a header line has no colon")
    # An empty name, a blank before the colon and a folded line all fail here.
    if not name or name.translate(None, _TOKEN):
        raise Malformed("a header name is not a token")
    check_line(value)
    return name.lower(), value.strip(b" \t")


def check_line(line: bytes) -> None:
    """Refuses control characters, and with them line ends that are not CR LF."""
    if len(line.translate(None, _CONTROLS)) != len(line):
        raise Malformed("a control character or a bare line end in the head")


def _joined(lines: Sequence[bytes]) -> Headers:
    headers: Headers = {}
    for name, value in map(_read_line, lines):
        if name not in headers:
            headers[name] = value
        elif name in _ONCE:
            raise Malformed(f"{name.decode()} is there twice")
        else:
            headers[name] += b"," + value
    return headers


def content_length(headers: Headers) -> int | None:
    value = headers.get(b"content-length")
    if value is None:
        return None
    # isdigit alone: int() would take "+5", "5_0" and blanks.
    if not value.isdigit() or len(value) > 18:
        raise Malformed("Content-Length is not a number")
    return int(value)


def is_chunked(headers: Headers) -> bool:
    """Whether the body is chunked. Any other coding, or a length beside it, is refused."""
    coding = headers.get(b"transfer-encoding")
    if coding is None:
        return False
    if coding.lower() != b"chunked":
        raise Malformed("Transfer-Encoding is not exactly chunked")
    if b"content-length" in headers:
        raise Malformed("Content-Length and Transfer-Encoding together")
    return True


def keeps_alive(version: bytes, headers: Headers) -> bool:
    connection = headers.get(b"connection")
    if connection is None:
        return version == b"HTTP/1.1"
    options = {option.strip() for option in connection.lower().split(b",")}
    if b"close" in options:
        return False
    return version == b"HTTP/1.1" or b"keep-alive" in options
