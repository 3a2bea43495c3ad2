"""One connection to a model server: sends an exchange's request, reads its answer.

Each connection carries one exchange at a time. A byte that nobody asked for ends it.
"""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final, cast

from endpoints.gateway.answer import AnswerHead, read_answer
from endpoints.gateway.proof import nothing_arrived
from endpoints.wire.chunked import ChunkedReader
from endpoints.wire.headers import HEAD_END, HEAD_LIMIT, Malformed

if TYPE_CHECKING:
    from endpoints.gateway.exchange import Exchange
    from endpoints.gateway.pool import Pool

#: Below it, head and body leave in one piece; above, the copy costs more than the second buffer.
_JOIN_LIMIT: Final = 64 * 1024


class Upstream(asyncio.Protocol):
    __slots__ = (
        "_answer",
        "_chunks",
        "_missing",
        "_partial",
        "_paused_at",
        "_pool",
        "_sent",
        "_sent_before",
        "deadline",
        "exchange",
        "idle_since",
        "transport",
    )

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self.transport: asyncio.Transport
        #: When it last became free; 0 before its first answer.
        self.idle_since = 0.0
        self._sent_before = 0
        # Per exchange
        self.exchange: Exchange | None = None
        self.deadline = 0.0
        self._sent = 0
        self._answer: AnswerHead | None = None
        self._partial = b""
        #: Bytes of the body to come; None when it ends with the connection.
        self._missing: int | None = 0
        self._chunks: ChunkedReader | None = None
        self._paused_at: float | None = None

    def close(self) -> None:
        self.transport.close()

    def send(self, exchange: "Exchange", now: float) -> None:
        """The connection is free: nothing is left of its last exchange."""
        head, body = exchange.request_for(self._pool)
        self._sent_before += self._sent
        self._sent = len(head) + len(body)
        self.exchange = exchange
        self.deadline = now + exchange.timeout_s
        exchange.sent_at = now
        exchange.upstream = self
        if len(body) <= _JOIN_LIMIT:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))

    # Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._pool.connections.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            if self._answer is None:
                self._take_head(data)
            else:
                self._take_body(data)
        except Malformed as malformed:
            self._break(f"The answer of the model is not valid HTTP: {malformed}.")

    def eof_received(self) -> None:
        exchange = self.exchange
        if exchange is None:
            return
        if self._answer is not None and self._missing is None and self._chunks is None:
            self._end(reusable=False)
        elif self._answer is None and not self._partial and self._nothing_arrived():
            was_kept = self.idle_since > 0
            self._forget(reusable=False)
            if was_kept:
                exchange.went_stale()
            else:
                exchange.unreached()

    def connection_lost(self, error: Exception | None) -> None:
        self._pool.lost(self)
        self._break("")

    def pause_reading(self) -> None:
        if self._paused_at is None:
            self._paused_at = perf_counter()
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused_at is not None:
            # The client was slow, not the model: that time is not the model's.
            self.deadline += perf_counter() - self._paused_at
            self._paused_at = None
            self.transport.resume_reading()

    # Reading

    def _take_head(self, data: bytes) -> None:
        if self._partial:
            data, self._partial = self._partial + data, b""
        exchange = self.exchange
        if exchange is None:
            self.transport.abort()
            return
        end = data.find(HEAD_END)
        if end < 0 or end > HEAD_LIMIT:
            if len(data) > HEAD_LIMIT:
                raise Malformed("its head is too long")
            self._partial = data
            return
        answer = read_answer(data[:end])
        body = data[end + 4 :]
        if answer.head.status < 200:
            self._skip_interim(answer, body)
        elif answer.head.length == len(body) and not answer.head.chunked:
            self._release(reusable=answer.head.keep_alive)
            exchange.answered(answer, body)
        else:
            self._begin(exchange, answer, body)

    def _begin(self, exchange: "Exchange", answer: AnswerHead, body: bytes) -> None:
        self._answer = answer
        self._missing = answer.head.length
        self._chunks = ChunkedReader() if answer.head.chunked else None
        exchange.begin(answer)
        if body:
            self._take_body(body)

    def _skip_interim(self, answer: AnswerHead, rest: bytes) -> None:
        if answer.head.status == 101:
            raise Malformed("it switches protocols")
        if rest:
            self._take_head(rest)

    def _take_body(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is None:
            self.transport.abort()
        elif self._chunks is not None:
            self._take_chunks(exchange, self._chunks, data)
        elif self._missing is None:
            exchange.more(data)
        elif len(data) > self._missing:
            raise Malformed("it is longer than its Content-Length")
        else:
            self._missing -= len(data)
            exchange.more(data)
            if not self._missing:
                self._end(reusable=self._keeps_alive())

    def _take_chunks(self, exchange: "Exchange", chunks: ChunkedReader, data: bytes) -> None:
        pieces = chunks.feed(data)
        if pieces:
            exchange.more(b"".join(pieces) if len(pieces) > 1 else pieces[0])
        if chunks.done:
            if chunks.rest:
                raise Malformed("something follows its last chunk")
            self._end(reusable=self._keeps_alive())

    def _keeps_alive(self) -> bool:
        return self._answer is not None and self._answer.head.keep_alive

    # Ending

    def check_deadline(self, now: float) -> None:
        exchange = self.exchange
        if exchange is None:
            return
        if self._paused_at is not None:
            if now > self._paused_at + exchange.timeout_s:
                exchange.client_too_slow()
        elif now > self.deadline:
            self._forget(reusable=False)
            exchange.timed_out()

    def _end(self, *, reusable: bool) -> None:
        exchange = self.exchange
        self._forget(reusable=reusable)
        if exchange is not None:
            exchange.end()

    def _break(self, reason: str) -> None:
        exchange = self.exchange
        if exchange is not None:
            self._forget(reusable=False)
            exchange.broken(reason)

    def _forget(self, *, reusable: bool) -> None:
        self._answer = None
        self._partial = b""
        self._chunks = None
        if self._paused_at is not None:
            self._paused_at = None
            if not self.transport.is_closing():
                self.transport.resume_reading()
        self._release(reusable=reusable)

    def _release(self, *, reusable: bool) -> None:
        self.exchange = None
        self.idle_since = perf_counter()
        # An answer that came before the whole request was sent leaves the rest of it behind.
        reusable = reusable and not self.transport.get_write_buffer_size()
        self._pool.ended(self, reusable=reusable)

    def _nothing_arrived(self) -> bool:
        transport = self.transport
        if transport.get_write_buffer_size() >= self._sent:
            # All of the request is still here.
            transport.abort()
            return True
        return nothing_arrived(transport, acknowledged=self._sent_before)
