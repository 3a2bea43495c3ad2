"""One HTTP/1.1 connection: bounded heads and bodies, answers in order, keep-alive.

A Protocol of its own rather than ASGI: measured, half of the cost of a prediction was the layers.
"""

import asyncio
from collections import deque
from typing import Final, Protocol, cast

import httptools

from modelserver.answer import Answerer, Request, response
from modelserver.encode import Answer
from modelserver.options import Options

_HEAD_LIMIT: Final = 64 * 1024
_HEADERS_LIMIT: Final = 100
#: Larger bodies leave the event loop even for quick models, so that /ping stays quick.
_INLINE_BODY: Final = 64 * 1024
_PIPELINE_LIMIT: Final = 32
#: After a refusal the client may still be sending: closing at once would reset its connection
#: before it has read why.
_LINGER_S: Final = 2.0
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Elsewhere(Protocol):
    """Runs an invocation off the event loop (worker.py)."""

    def submit(self, connection: "Connection", request: Request) -> None: ...


class Connections:
    """What the connections of one worker share."""

    def __init__(self, answerer: Answerer, elsewhere: Elsewhere, options: Options) -> None:
        self.answerer = answerer
        self.elsewhere = elsewhere
        self.body_limit = options.body_limit
        self.open: set[Connection] = set()
        self.closing = False
        self._empty = asyncio.Event()

    def forget(self, connection: "Connection") -> None:
        self.open.discard(connection)
        if self.closing and not self.open:
            self._empty.set()

    async def all_closed(self) -> None:
        """Returns once the last connection is gone; call it after setting `closing`."""
        if self.open:
            await self._empty.wait()


class Connection(asyncio.Protocol):
    def __init__(self, shared: Connections) -> None:
        self._shared = shared
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Request] = deque()
        #: An invocation of this connection runs elsewhere; later requests wait for it.
        self.busy = False
        self.half_read_since: float | None = None
        #: Nothing more of this connection is read.
        self._deaf = False
        self._refused = False
        self._reset()

    # --- transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._shared.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._waiting.clear()
        self._shared.forget(self)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The request is answered as if it had not asked; what follows it is not HTTP.
            self._deaf = True
        except httptools.HttpParserError as error:
            if not self._refused:  # in a callback, and answered already
                self._refuse(400, f"Not a request: {error}")

    def eof_received(self) -> bool:
        """A client may close its side and still wait for what it has asked."""
        self._deaf = True
        return self.busy

    def pause_writing(self) -> None:
        # The client does not read: take no more of its requests until it does.
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    # --- parser

    def on_message_begin(self) -> None:
        self._reset()
        self.half_read_since = asyncio.get_running_loop().time()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        self._request.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if len(self._request.headers) >= _HEADERS_LIMIT:
            self._refuse_and_stop(431, f"More than {_HEADERS_LIMIT} headers.")
        self._request.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        request = self._request
        request.method = self._parser.get_method()
        length = request.headers.get(b"content-length")
        if length is not None and int(length) > self._shared.body_limit:
            self._refuse_too_large()
        if request.headers.get(b"expect", b"").lower() == b"100-continue" and self._transport:
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > self._shared.body_limit:
            self._refuse_too_large()
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        self.half_read_since = None
        request = self._request
        chunks = self._chunks
        request.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        request.path = request.path.partition(b"?")[0]
        # HEAD is answered 405 with a body, which HTTP does not expect: nothing may follow it.
        reusable = self._parser.should_keep_alive() and request.method != b"HEAD"
        reusable = reusable and not self._parser.should_upgrade()
        request.keep_alive = reusable and not self._shared.closing
        if self.busy:
            self._queue(request)
        else:
            self._start(request)

    # --- answering

    def finish(self, answered: bytes, request: Request) -> None:
        """The invocation that ran elsewhere has its response: send it, then go on in order."""
        self.busy = False
        self._send(answered, request)
        while self._waiting and not self.busy:
            self._start(self._waiting.popleft())
        if self._transport is None or self.busy:
            return
        if self._deaf and not self._refused:
            self._transport.close()
        else:
            self._transport.resume_reading()

    def close_when_done(self) -> None:
        """On the way out: an idle connection closes now, a busy one after its answer."""
        if self._transport is not None and not self.busy and self.half_read_since is None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _start(self, request: Request) -> None:
        shared = self._shared
        quick = shared.answerer.quick and len(request.body) <= _INLINE_BODY
        if quick or not shared.answerer.is_invocation(request):
            self._send(shared.answerer.respond(request), request)
        else:
            self.busy = True
            shared.elsewhere.submit(self, request)

    def _send(self, answered: bytes, request: Request) -> None:
        if self._transport is None or self._refused or self._transport.is_closing():
            return
        self._transport.write(answered)
        if not request.keep_alive or self._shared.closing:
            self._transport.close()

    def _queue(self, request: Request) -> None:
        self._waiting.append(request)
        if len(self._waiting) >= _PIPELINE_LIMIT and self._transport is not None:
            self._transport.pause_reading()

    # --- limits

    def _reset(self) -> None:
        self._request = Request()
        self._chunks: list[bytes] = []
        self._body_size = 0
        self._head_size = 0

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > _HEAD_LIMIT:
            self._refuse_and_stop(431, f"The headers are larger than {_HEAD_LIMIT} bytes.")

    def _refuse_too_large(self) -> None:
        limit = self._shared.body_limit
        self._refuse_and_stop(413, f"The body is larger than {limit} bytes (MAX_CONTENT_LENGTH).")

    def _refuse_and_stop(self, status: int, message: str) -> None:
        self._refuse(status, message)
        raise ValueError(message)  # out of the parser: nothing more of this connection is read

    def _refuse(self, status: int, message: str) -> None:
        self._deaf = self._refused = True
        if self._transport is None or self._transport.is_closing():
            return
        self._request.keep_alive = False
        answer = Answer(message.encode(), "text/plain; charset=utf-8", status)
        self._transport.write(response(answer, self._request))
        self._transport.write_eof()
        asyncio.get_running_loop().call_later(_LINGER_S, self._transport.close)
