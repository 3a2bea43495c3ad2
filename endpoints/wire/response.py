"""Reads the head of a model server's answer. Pure."""

from endpoints.wire.headers import (
    Headers,
    Malformed,
    check_line,
    content_length,
    is_chunked,
    keeps_alive,
    read_headers,
)


class ResponseHead:
    """One answer's head. `length` is None when the body is chunked or ends with the connection."""

    __slots__ = ("chunked", "headers", "keep_alive", "length", "status")

    def __init__(self, status: int, version: bytes, headers: Headers) -> None:
        self.status = status
        self.headers = headers
        self.chunked = is_chunked(headers)
        self.length = content_length(headers)
        if status in (204, 304):
            self.length, self.chunked = 0, False
        delimited = self.chunked or self.length is not None
        self.keep_alive = delimited and keeps_alive(version, headers)


def read_response(head: bytes) -> ResponseHead:
    """`head` is everything before the empty line. Raises Malformed."""
    line, *lines = head.split(b"\r\n")
    check_line(line)
    version, _, rest = line.partition(b" ")
    status = rest[:3]
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or not status.isdigit() or len(status) != 3:
        raise Malformed("the status line is not HTTP/1")
    if rest[3:4] not in (b"", b" ") or status < b"100":
        raise Malformed("the status is not a number of three digits")
    return ResponseHead(int(status), version, read_headers(lines))
