"""Reads the head of a request that came to the gateway. Pure."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from endpoints.wire.headers import (
    HEAD_LIMIT,
    LINES_REMEMBERED,
    Headers,
    Malformed,
    check_line,
    content_length,
    is_chunked,
    keeps_alive,
    read_headers,
)

if TYPE_CHECKING:
    from endpoints.wire.shape import Shape

#: What the body's length, and the way to the next request, are read from.
FRAMING: Final = frozenset({b"connection", b"content-length", b"expect", b"transfer-encoding"})
_METHODS: Final = frozenset({b"POST", b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH"})


class RequestLine(NamedTuple):
    method: bytes
    path: bytes
    query: bytes
    #: HTTP/1.1; the other one served is HTTP/1.0.
    is_current: bool


class RequestHead:
    """One request's head. A plain class: it is made once a request, on the hot path."""

    __slots__ = ("chunked", "headers", "keep_alive", "length", "line", "shape", "wants_continue")

    def __init__(self, line: RequestLine, headers: Headers) -> None:
        self.line = line
        self.headers = headers
        #: Where it was recognised by its shape.
        self.shape: Shape | None = None
        # Looked for first: calling something for each that is not there would cost more.
        self.chunked = b"transfer-encoding" in headers and is_chunked(headers)
        self.length = 0 if self.chunked else content_length(headers) or 0
        # An HTTP/1.0 client that wants more than one answer would need to be told so: none does.
        self.keep_alive = line.is_current and (
            b"connection" not in headers or keeps_alive(b"HTTP/1.1", headers)
        )
        self.wants_continue = b"expect" in headers and headers[b"expect"].lower() == b"100-continue"

    def with_headers(self, headers: Headers) -> "RequestHead":
        """The same request where what differs in `headers` frames nothing: see FRAMING."""
        other = RequestHead.__new__(RequestHead)
        other.line = self.line
        other.headers = headers
        other.shape = None
        other.chunked = self.chunked
        other.length = self.length
        other.keep_alive = self.keep_alive
        other.wants_continue = self.wants_continue
        return other

    @property
    def takes_chunks(self) -> bool:
        """Whether the one who asks can read a chunked answer."""
        return self.line.is_current


def read_request(head: bytes) -> RequestHead:
    """`head` is everything before the empty line. Raises Malformed."""
    if len(head) > HEAD_LIMIT:
        raise Malformed("the head is too long")
    line, *lines = head.split(b"\r\n")
    request = RequestHead(read_request_line(line), read_headers(lines))
    if not request.line.is_current:
        if request.chunked:
            raise Malformed("HTTP/1.0 has no Transfer-Encoding")
    elif b"host" not in request.headers:
        raise Malformed("no Host")
    return request


@lru_cache(maxsize=LINES_REMEMBERED)
def read_request_line(line: bytes) -> RequestLine:
    """Raises Malformed."""
    check_line(line)
    parts = line.split(b" ")
    if len(parts) != 3:
        raise Malformed("the request line does not have three parts")
    method, target, version = parts
    if method not in _METHODS or target[:1] != b"/":
        raise Malformed("the method or the target is not one served here")
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Malformed("neither HTTP/1.1 nor HTTP/1.0")
    path, _, query = target.partition(b"?")
    return RequestLine(method, path, query, version == b"HTTP/1.1")
