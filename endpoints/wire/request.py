"""Reads the head of a request that came to the gateway. Pure."""

from endpoints.wire.headers import (
    HEAD_LIMIT,
    Headers,
    Malformed,
    check_bytes,
    content_length,
    is_chunked,
    keeps_alive,
    read_headers,
)

_METHODS = frozenset({b"POST", b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH"})


class RequestHead:
    """One request's head. A plain class: it is made once a request, on the hot path."""

    __slots__ = (
        "chunked",
        "headers",
        "keep_alive",
        "length",
        "method",
        "path",
        "query",
        "takes_chunks",
        "wants_continue",
    )

    def __init__(self, method: bytes, target: bytes, headers: Headers) -> None:
        self.method = method
        self.path, _, self.query = target.partition(b"?")
        self.headers = headers
        self.chunked = is_chunked(headers)
        self.length = 0 if self.chunked else content_length(headers) or 0
        self.keep_alive = True
        #: Whether the one who asks can read a chunked answer.
        self.takes_chunks = True
        self.wants_continue = headers.get(b"expect", b"").lower() == b"100-continue"


def read_request(head: bytes) -> RequestHead:
    """`head` is everything before the empty line. Raises Malformed."""
    if len(head) > HEAD_LIMIT:
        raise Malformed("the head is too long")
    check_bytes(head)
    line, *lines = head.split(b"\r\n")
    parts = line.split(b" ")
    if len(parts) != 3:
        raise Malformed("the request line does not have three parts")
    method, target, version = parts
    if method not in _METHODS or target[:1] != b"/":
        raise Malformed("the method or the target is not one served here")
    request = RequestHead(method, target, read_headers(lines))
    _check_version(version, request)
    # An HTTP/1.0 client that wants more than one answer would need to be told so: none does.
    request.keep_alive = request.takes_chunks and keeps_alive(version, request.headers)
    return request


def _check_version(version: bytes, request: RequestHead) -> None:
    if version == b"HTTP/1.1":
        if b"host" not in request.headers:
            raise Malformed("no Host")
    elif version != b"HTTP/1.0":
        raise Malformed("neither HTTP/1.1 nor HTTP/1.0")
    elif request.chunked:
        raise Malformed("HTTP/1.0 has no Transfer-Encoding")
    request.takes_chunks = version == b"HTTP/1.1"
