"""Header lines of HTTP/1.1, read strictly: what two parsers could read in two ways is refused.

Runs in the gateway: no Django here.
"""

from collections.abc import Iterable
from typing import Final

HEAD_LIMIT: Final = 16 * 1024
HEADER_COUNT_LIMIT: Final = 100
HEAD_END: Final = b"\r\n\r\n"

_TOKEN: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CONTROLS: Final = bytes(set(range(32)) - {9}) + b"\x7f"
# Headers that decide where a message ends or whom it is for: said twice, they are an attack.
_ONCE: Final = {b"content-length", b"transfer-encoding", b"host", b"authorization"}
# Names seen before, to their lower case: clients send the same few, so most cost one look-up.
_KNOWN_NAMES: dict[bytes, bytes] = {}
_KNOWN_NAMES_LIMIT: Final = 1024

Headers = dict[bytes, bytes]


class Malformed(ValueError):
    """The message cannot be read in exactly one way. The connection is of no use after it."""


def read_headers(lines: Iterable[bytes]) -> Headers:
    """Names in lower case; a repeated header's values are joined with a comma."""
    headers: Headers = {}
    known = _KNOWN_NAMES
    for line in lines:
        raw, colon, value = line.partition(b":")
        name = known.get(raw) or _learn(raw)
        if not colon:
            raise Malformed("a header line has no colon")
        value = value.strip(b" \t")
        if name in headers:
            value = _repeated(name, headers[name], value)
        headers[name] = value
    if len(headers) > HEADER_COUNT_LIMIT:
        raise Malformed("too many headers")
    return headers


def check_bytes(head: bytes) -> None:
    """Refuses control characters and line ends that are not CR LF, wherever they hide."""
    if len(head.translate(None, _CONTROLS)) + 2 * head.count(b"\r\n") != len(head):
        raise Malformed("a control character or a bare line end in the head")


def _learn(raw: bytes) -> bytes:
    # An empty name, a blank before the colon and a folded line all fail here.
    if not raw or raw.translate(None, _TOKEN):
        raise Malformed("a header name is not a token")
    name = raw.lower()
    if len(_KNOWN_NAMES) < _KNOWN_NAMES_LIMIT:
        _KNOWN_NAMES[raw] = name
    return name


def _repeated(name: bytes, first: bytes, second: bytes) -> bytes:
    if name in _ONCE:
        raise Malformed(f"{name.decode()} is there twice")
    return first + b"," + second


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
