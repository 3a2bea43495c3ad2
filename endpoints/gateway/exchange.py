"""One invocation: which instance gets it, what the client gets back, what is counted."""

from time import perf_counter
from typing import Final, Protocol

from endpoints.gateway import refusals
from endpoints.gateway.admission import Admitted, Kind
from endpoints.gateway.answer import AnswerHead
from endpoints.gateway.fleet import LiveRoute, LiveVariant
from endpoints.gateway.pool import Pool
from endpoints.gateway.refusals import Refusal
from endpoints.gateway.upstream import Upstream
from endpoints.routing.pick import least_outstanding
from endpoints.wire import eventstream
from endpoints.wire.chunked import LAST_CHUNK, chunk

#: As much of a model's error answer is kept as can be quoted.
_ERROR_LIMIT: Final = 16 * 1024
_NONE: Final = frozenset[int]()
#: Of an answer's head: its connection stays, or does not.
_END: Final = b"\r\n\r\n"
_LAST_END: Final = b"\r\nConnection: close\r\n\r\n"


class Client(Protocol):
    """The one who waits for the answer."""

    keep_alive: bool
    is_paused: bool
    request_id: bytes

    def write(self, data: bytes) -> None: ...
    def finished(self) -> None: ...
    def refuse(self, refusal: Refusal) -> None: ...
    def abort(self) -> None: ...


class Exchange:
    """Lives from the complete request to the end of the answer.

    Without a client (a shadow variant's copy, or one who left) the answer is read and counted only.
    """

    __slots__ = (
        "_admitted",
        "_body",
        "_chunked",
        "_client",
        "_error",
        "_index",
        "_route",
        "_started",
        "_status",
        "_tried",
        "_variant",
        "_was_stale",
        "sent_at",
        "timeout_s",
        "upstream",
    )

    def __init__(
        self,
        route: LiveRoute,
        variant: LiveVariant,
        admitted: Admitted,
        body: bytes,
        client: Client | None,
        started: float,
    ) -> None:
        self._route = route
        self._variant = variant
        self._admitted = admitted
        self._body = body
        self._client = client
        self._started = started
        #: The instance that has it, and those that could not be reached before.
        self._index = 0
        self._tried: frozenset[int] = _NONE
        self._was_stale = False
        self.timeout_s = variant.spec.timeout_s
        self.sent_at = 0.0
        self.upstream: Upstream | None = None
        # Of an answer that comes in pieces
        self._status = 0
        self._chunked = False
        self._error: list[bytes] | None = None

    def dispatch(self) -> None:
        """Sends it to the instance with the fewest in flight, or refuses: nothing ever queues."""
        variant = self._variant
        pools = variant.pools
        index: int | None = 0
        if len(pools) != 1 or self._tried:
            variant.turn += 1
            index = least_outstanding(
                pools, start=variant.turn, now=perf_counter(), skip=self._tried
            )
        if index is None:
            self._refuse_unserved(refusals.no_instance(variant.name))
            return
        pool = pools[index]
        if pool.outstanding >= pool.limit:
            self._refuse_unserved(refusals.all_busy(variant.name, pool.limit))
            return
        self._index = index
        pool.start(self)

    def request_for(self, pool: Pool) -> tuple[bytes, bytes]:
        admitted, body = self._admitted, self._body
        if admitted.head.chunked:
            # What came in chunks is sent on whole: only now is its length known.
            length = b"Content-Length: %d\r\n\r\n" % len(body)
            return pool.host_line + admitted.forward + length, body
        return pool.host_line + admitted.forward, body

    def _refuse_unserved(self, refusal: Refusal) -> None:
        self._variant.counters.refused()
        if self._client is not None:
            self._client.refuse(refusal)

    # What the connection to the model reports

    def unreached(self) -> None:
        """Nothing of it reached the instance, for certain: another one may have it."""
        self._tried |= {self._index}
        self._again()

    def went_stale(self) -> None:
        """A kept connection had been closed before the request left on it. That says nothing of
        the instance: it may be asked again, once."""
        if self._was_stale:
            self.unreached()
        else:
            self._was_stale = True
            self._tried = _NONE
            self._again()

    def _again(self) -> None:
        self.upstream = None
        self.dispatch()

    def answered(self, answer: AnswerHead, body: bytes) -> None:
        """The whole answer at once: the usual case."""
        now = perf_counter()
        # Its connection is free for others already: a client that reads slowly must not hold it.
        self.upstream = None
        if not answer.is_success:
            self._model_failed(answer.head.status, body)
            return
        self._variant.counters.answered(now - self.sent_at, now - self._started)
        client = self._client
        if client is None:
            return
        if self._admitted.kind is Kind.STREAM:
            self.begin(answer)
            self.more(body)
            self._finish(client)
            return
        end = _END if client.keep_alive else _LAST_END
        lines = answer.whole, self._variant.name_lines, client.request_id, end, body
        client.write(b"".join(lines))
        client.finished()

    def begin(self, answer: AnswerHead) -> None:
        self._status = answer.head.status
        if not answer.is_success:
            self._error = []
            return
        client = self._client
        if client is None:
            return
        length = answer.head.length
        streams = self._admitted.kind is Kind.STREAM
        if streams or length is None:
            length_line = self._delimited(client)
        else:
            length_line = b"Content-Length: %d\r\n" % length
        client.write(
            b"%b%b%b\r\n%b%b\r\n"
            % (
                answer.streamed if streams else answer.plain,
                self._variant.name_lines,
                client.request_id,
                length_line,
                b"" if client.keep_alive else b"Connection: close\r\n",
            )
        )

    def _delimited(self, client: Client) -> bytes:
        if self._admitted.head.takes_chunks:
            self._chunked = True
            return b"Transfer-Encoding: chunked\r\n"
        client.keep_alive = False
        return b""

    def more(self, piece: bytes) -> None:
        if self._error is not None:
            if sum(map(len, self._error)) < _ERROR_LIMIT:
                self._error.append(piece)
            return
        client = self._client
        if client is None or not piece:
            return
        if self._admitted.kind is Kind.STREAM:
            piece = b"".join(eventstream.payload_parts(piece))
        client.write(chunk(piece) if self._chunked else piece)
        if client.is_paused and self.upstream is not None:
            self.upstream.pause_reading()

    def end(self) -> None:
        now = perf_counter()
        if self._error is not None:
            self._model_failed(self._status, b"".join(self._error))
            return
        self._variant.counters.answered(now - self.sent_at, now - self._started)
        if self._client is not None:
            self._finish(self._client)

    def _finish(self, client: Client) -> None:
        if self._chunked:
            client.write(LAST_CHUNK)
        client.finished()

    # Failures

    def broken(self, reason: str) -> None:
        """The connection ended, or made no sense, before the answer was whole."""
        text = reason or refusals.EXITED
        self._fail(0, refusals.model_error(self._route.spec, 0, text))

    def timed_out(self) -> None:
        self._fail(0, refusals.timed_out(self._route.spec))

    def _model_failed(self, status: int, body: bytes) -> None:
        self._error = None
        self._status = 0
        self._fail(status, refusals.model_error(self._route.spec, status, body))

    def _fail(self, status: int, refusal: Refusal) -> None:
        now = perf_counter()
        self._variant.counters.failed(
            status, model_s=now - self.sent_at, whole_s=now - self._started
        )
        client = self._client
        if client is None:
            return
        begun = self._status and self._error is None
        if not begun:
            client.refuse(refusal)
        elif self._admitted.kind is Kind.STREAM and self._chunked:
            client.write(chunk(eventstream.stream_exception("ModelStreamError", refusal.body)))
            self._finish(client)
        else:
            # Half an answer is out under a promise of its length: only the end of the
            # connection tells the client that the rest will not come.
            client.abort()

    # What the client reports

    def client_resumed(self) -> None:
        if self.upstream is not None:
            self.upstream.resume_reading()

    def client_left(self) -> None:
        """The model is let finish, as at AWS: what it does for this request counts all the same."""
        self._client = None
        self.client_resumed()

    def client_too_slow(self) -> None:
        if self._client is not None:
            self._client.abort()
