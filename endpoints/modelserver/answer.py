"""One request to one response: the routes of the container contract. Knows no sockets."""

import json
import logging
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from modelserver.encode import Answer
from modelserver.errors import RequestRefused
from modelserver.handlers import Handler
from modelserver.options import Options
from modelserver.script import describe

log = logging.getLogger(__name__)

_MIB: Final = 1024 * 1024
_TEXT: Final = "text/plain; charset=utf-8"
_ATTRIBUTES: Final = b"x-amzn-sagemaker-custom-attributes"


@dataclass(slots=True)
class Request:
    method: bytes = b""
    path: bytes = b""
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    keep_alive: bool = True

    def header(self, name: bytes) -> str:
        value = self.headers.get(name)
        return value.decode("latin-1") if value else ""


class Answerer:
    def __init__(self, handler: Handler, options: Options) -> None:
        self._handler = handler
        self.quick = handler.quick
        self._parameters = json.dumps(
            {
                "MaxConcurrentTransforms": options.workers,
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": options.body_limit // _MIB,
            }
        ).encode()

    def is_invocation(self, request: Request) -> bool:
        return request.path == b"/invocations" and request.method == b"POST"

    def respond(self, request: Request) -> bytes:
        """The whole response, head and body. Never raises."""
        answer = self._invoke(request) if self.is_invocation(request) else self._route(request)
        return response(answer, request)

    def _route(self, request: Request) -> Answer:
        get = request.method == b"GET"
        if request.path == b"/ping":
            return Answer(b"", _TEXT) if get else _refusal(405, "Use GET /ping.")
        if request.path == b"/execution-parameters" and get:
            return Answer(self._parameters, "application/json")
        if request.path == b"/invocations":
            return _refusal(405, "Use POST /invocations.")
        return _refusal(404, "Not here: GET /ping, POST /invocations, GET /execution-parameters.")

    def _invoke(self, request: Request) -> Answer:
        try:
            return self._handler.invoke(
                request.body, request.header(b"content-type"), request.header(b"accept")
            )
        except RequestRefused as refused:
            return _refusal(refused.status, refused.message)
        except Exception as error:
            return _failure(error)


def _refusal(status: int, message: str) -> Answer:
    return Answer(message.encode(), _TEXT, status)


def _failure(error: Exception) -> Answer:
    _log_failure(error)
    # Errors of AWS's toolkit carry their own status: a script may answer 400 that way.
    status = getattr(error, "status_code", 500)
    known = isinstance(status, int) and 400 <= status <= 599
    return _refusal(status if known else 500, describe(error))


#: A model that fails on every request must not fill the log: one trace a second is enough.
_TRACE_EVERY_S: Final = 1.0
_traced_at = -_TRACE_EVERY_S
_untraced = 0


def _log_failure(error: Exception) -> None:
    global _traced_at, _untraced
    if time.monotonic() - _traced_at < _TRACE_EVERY_S:
        _untraced += 1
        return
    if _untraced:
        log.error("%d more invocations failed", _untraced)
    _traced_at, _untraced = time.monotonic(), 0
    log.error("The model failed: %s", describe(error), exc_info=error)


_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
_heads: dict[tuple[int, str], bytes] = {}


def response(answer: Answer, request: Request) -> bytes:
    head = _heads.get((answer.status, answer.content_type)) or _head(answer)
    extra = b"" if request.keep_alive else b"connection: close\r\n"
    attributes = request.headers.get(_ATTRIBUTES)
    if attributes is not None:
        extra += b"%s: %s\r\n" % (_ATTRIBUTES, attributes)
    return b"%s%d\r\n%s\r\n%s" % (head, len(answer.body), extra, answer.body)


def _head(answer: Answer) -> bytes:
    content_type = answer.content_type
    if content_type == "text/csv":
        content_type = "text/csv; charset=utf-8"
    # A script chooses its content type: it must not be able to write other headers.
    content_type = "".join(c for c in content_type if c.isprintable())
    reason = _REASONS.get(answer.status, "Unknown")
    head = f"HTTP/1.1 {answer.status} {reason}\r\ncontent-type: {content_type}\r\ncontent-length: "
    if len(_heads) < 64:
        _heads[answer.status, answer.content_type] = head.encode("latin-1", "replace")
    return head.encode("latin-1", "replace")
