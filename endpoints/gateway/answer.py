"""The head of a model server's answer, and the head the client gets in its place."""

from typing import Final

from endpoints.gateway.admission import forwarded
from endpoints.wire import eventstream
from endpoints.wire.headers import Headers
from endpoints.wire.response import ResponseHead, read_response

_CACHED_HEAD_LIMIT: Final = 1024
_CACHE_SIZE: Final = 512
_CACHE: dict[bytes, "AnswerHead"] = {}


class AnswerHead:
    """`plain`, `streamed`: what the client's head begins with, when the body is passed on as it is
    or as AWS's event stream; `whole`: `plain` for a body of the length that the model gave."""

    __slots__ = ("head", "is_success", "plain", "streamed", "whole")

    def __init__(self, head: ResponseHead) -> None:
        self.head = head
        self.is_success = 200 <= head.status < 300
        self.plain = _plain(head.headers)
        self.whole = self.plain + b"Content-Length: %d\r\n" % (head.length or 0)
        self.streamed = _streamed(head.headers)


def read_answer(raw: bytes) -> AnswerHead:
    """Raises Malformed. Heads repeat within a second (their Date), so they are read once."""
    known = _CACHE.get(raw)
    if known is not None:
        return known
    answer = AnswerHead(read_response(raw))
    if len(raw) <= _CACHED_HEAD_LIMIT:
        if len(_CACHE) >= _CACHE_SIZE:
            _CACHE.clear()
        _CACHE[raw] = answer
    return answer


def _plain(headers: Headers) -> bytes:
    encoding = headers.get(b"content-encoding")
    lines = b"Content-Encoding: %b\r\n" % encoding if encoding else b""
    return b"HTTP/1.1 200 OK\r\n" + forwarded(headers) + lines


def _streamed(headers: Headers) -> bytes:
    # The model's own content type moves aside: the body is AWS's event stream now.
    others = {name: value for name, value in headers.items() if name != b"content-type"}
    lines = b"HTTP/1.1 200 OK\r\nContent-Type: " + eventstream.CONTENT_TYPE + b"\r\n"
    content_type = headers.get(b"content-type")
    if content_type:
        lines += b"X-Amzn-SageMaker-Content-Type: %b\r\n" % content_type
    return lines + forwarded(others)
