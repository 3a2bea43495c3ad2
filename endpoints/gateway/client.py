"""One connection from a client: takes its requests apart, one at a time, and writes the answers.

Requests sent ahead (pipelining) wait in order; so does the client, once too much of it waits.
"""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol, cast

from endpoints.gateway import refusals
from endpoints.gateway.admission import Admitted
from endpoints.gateway.refusals import BODY_LIMIT, Refusal
from endpoints.wire.chunked import ChunkedReader
from endpoints.wire.headers import HEAD_END, HEAD_LIMIT, Malformed

if TYPE_CHECKING:
    from endpoints.gateway.gateway import Gateway

_HELD_LIMIT: Final = 64 * 1024
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
#: How long a refused body is read on and dropped: closing at once would reset the connection and
#: take the refusal with it.
_LINGER_S: Final = 2.0
_IDLE_S: Final = 75.0
_REQUEST_S: Final = 60.0


class Waiting(Protocol):
    """What the client waits for: it is told of the client, too."""

    def client_left(self) -> None: ...
    def client_resumed(self) -> None: ...


class ClientConnection(asyncio.Protocol):
    __slots__ = (
        "_admitted",
        "_chunks",
        "_consuming",
        "_gateway",
        "_held",
        "_held_size",
        "_is_over",
        "_missing",
        "_partial",
        "_pieces",
        "_size",
        "_started",
        "_transport",
        "exchange",
        "is_paused",
        "keep_alive",
        "request_id",
        "waiting_since",
    )

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._transport: asyncio.Transport
        # Per connection
        self.is_paused = False
        self.keep_alive = True
        self.waiting_since = perf_counter()
        self._held: list[bytes] = []
        self._held_size = 0
        self._consuming = False
        #: Refused for good: whatever still comes is dropped.
        self._is_over = False
        # Per request
        self.exchange: Waiting | None = None
        self.request_id = b""
        self._started = 0.0
        self._partial = b""
        self._admitted: Admitted | None = None
        self._chunks: ChunkedReader | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._missing = 0

    # Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._gateway.joined(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._is_over = True
        self._gateway.left(self)
        if self.exchange is not None:
            self.exchange.client_left()
            self.exchange = None

    def eof_received(self) -> bool:
        # One who only closed their sending half still waits for the answer.
        self.keep_alive = False
        return self.exchange is not None

    def pause_writing(self) -> None:
        self.is_paused = True

    def resume_writing(self) -> None:
        self.is_paused = False
        if self.exchange is not None:
            self.exchange.client_resumed()
        elif self._held:
            self._go_on()

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        if self.exchange is not None or self._held or self.is_paused:
            self._hold(data)
        else:
            self._consume(data)

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._held_size += len(data)
        if self._held_size > _HELD_LIMIT:
            self._transport.pause_reading()

    def _go_on(self) -> None:
        data = b"".join(self._held)
        self._held.clear()
        if self._held_size > _HELD_LIMIT:
            self._transport.resume_reading()
        self._held_size = 0
        self._consume(data)

    # Reading

    def _consume(self, data: bytes) -> None:
        self._consuming = True
        try:
            while data:
                data = self._take_head(data) if self._admitted is None else self._take_body(data)
                if self._is_over:
                    break
                if data and (self.exchange is not None or self.is_paused):
                    self._hold(data)
                    break
        except Malformed as malformed:
            self.refuse(refusals.malformed(str(malformed)), close=True)
        finally:
            self._consuming = False

    def _take_head(self, data: bytes) -> bytes:
        if self._partial:
            data, self._partial = self._partial + data, b""
        else:
            self._started = self.waiting_since = perf_counter()
        end = data.find(HEAD_END)
        if end < 0 or end > HEAD_LIMIT:
            if len(data) > HEAD_LIMIT:
                self.refuse(refusals.HEAD_TOO_LONG, close=True)
                return b""
            self._partial = data
            return b""
        admitted = self._gateway.admission.admit(data[:end])
        self.keep_alive = admitted.head.keep_alive
        rest = data[end + 4 :]
        if len(rest) == admitted.head.length <= BODY_LIMIT and not admitted.head.chunked:
            self._complete(admitted, rest)
            return b""
        return self._expect_body(admitted, rest)

    def _expect_body(self, admitted: Admitted, rest: bytes) -> bytes:
        head = admitted.head
        length = head.length
        if length > BODY_LIMIT:
            self.refuse(refusals.BODY_TOO_LONG, close=True)
            return b""
        if not head.chunked and len(rest) >= length:
            self._complete(admitted, rest[:length] if length else b"")
            return rest[length:]
        if head.wants_continue and not rest:
            if admitted.refusal is not None:
                self.refuse(admitted.refusal, close=True)
                return b""
            self._transport.write(_CONTINUE)
        self._admitted = admitted
        self._missing = length
        self._size = 0
        self._chunks = ChunkedReader() if head.chunked else None
        return rest

    def _take_body(self, data: bytes) -> bytes:
        admitted = self._admitted
        assert admitted is not None
        if self._chunks is not None:
            pieces = self._chunks.feed(data)
            rest, done = self._chunks.rest, self._chunks.done
        else:
            piece = data[: self._missing]
            pieces, rest = [piece], data[len(piece) :]
            self._missing -= len(piece)
            done = not self._missing
        self._size += sum(map(len, pieces))
        if self._size > BODY_LIMIT:
            self.refuse(refusals.BODY_TOO_LONG, close=True)
            return b""
        if admitted.refusal is None:
            # Collected, then joined once: growing one buffer would copy it with every piece.
            self._pieces += pieces
        if done:
            body = b"".join(self._pieces)
            self._pieces = []
            self._admitted = self._chunks = None
            self._complete(admitted, body)
        return rest

    def _complete(self, admitted: Admitted, body: bytes) -> None:
        self.request_id = self._gateway.next_request_id()
        self.exchange = None
        self._gateway.serve(self, admitted, body, self._started)

    # Answering: what an exchange calls

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def finished(self) -> None:
        """The answer is written. The next request, if it waits already, is taken up."""
        self.exchange = None
        self.request_id = b""
        if not self.keep_alive:
            self._is_over = True
            self._transport.close()
        elif self._held and not self._consuming and not self.is_paused:
            self._go_on()

    def refuse(self, refusal: Refusal, *, close: bool = False) -> None:
        self.keep_alive = self.keep_alive and not close
        request_id = self.request_id or self._gateway.next_request_id()
        self._transport.write(refusal.encode(request_id, keep_alive=self.keep_alive))
        if close:
            self._linger()
        else:
            self.finished()

    def _linger(self) -> None:
        self._is_over = True
        self._held.clear()
        asyncio.get_running_loop().call_later(_LINGER_S, self._transport.close)

    def abort(self) -> None:
        self._is_over = True
        self._transport.abort()

    def close(self) -> None:
        self._transport.close()

    @property
    def is_idle(self) -> bool:
        return self.exchange is None and self._admitted is None and not self._partial

    def is_stale(self, now: float) -> bool:
        """Whether it says nothing, or says it too slowly, for longer than anyone should wait."""
        if self.exchange is not None or self._is_over:
            return False
        return now - self.waiting_since > (_IDLE_S if self.is_idle else _REQUEST_S)
