"""User: one closed-loop user, which is one asyncio Protocol on one connection.

The hot path: callbacks only, no task, no parsing of an answer whose head was seen before.
"""

import asyncio
import socket
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Final, cast

import httptools

from recommender.loadtest import heads
from recommender.loadtest.report import ErrorKind

if TYPE_CHECKING:
    from recommender.loadtest.crowd import Crowd

#: `pending` while httptools reads an answer.
_PARSING: Final = -1
_NOTHING_CAME: Final = {
    ErrorKind.CONNECT: b"the connection broke before an answer came",
    ErrorKind.TIMEOUT: b"no answer came in time",
}


class User(asyncio.Protocol):
    """The user in slot `slot`, for as long as this connection lasts.

    It is always in one place: a request under way (`sent_at` is not 0) or waiting to call next().
    `pending` is 0 before an answer's first byte, then the bytes still to come of a known length,
    or _PARSING. `over` says that next() must hand the slot back to the crowd: the user retires,
    or the connection cannot carry another request.
    """

    __slots__ = (
        *("_answers", "_cache", "_crowd", "_first", "_known", "_parser", "_pending", "_random"),
        *("_rendered", "_send", "_count_latency", "_transport", "_wait"),
        *("over", "payload", "sent_at", "slot"),
    )

    def __init__(self, crowd: "Crowd", slot: int, sock: socket.socket, random: Random) -> None:
        self.slot = slot
        self.sent_at = 0.0
        self.payload = 0
        self.over = False
        self._crowd = crowd
        self._count_latency = crowd.tally.latencies.append
        self._cache = crowd.cache
        self._known = crowd.cache.known
        self._rendered = crowd.requests.rendered
        self._wait = crowd.pacer.wait
        self._random = random.random
        # Straight to the socket: the transport would hold every write back to the end of the
        # loop's turn, and the time spent there would be called latency.
        self._send = sock.send
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._pending = 0
        self._answers = 0
        self._first = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def next(self) -> None:
        """Send the next request, or hand the slot back."""
        if self.over:
            self._hand_back()
            return
        rendered = self._rendered
        # Slots are read into locals before they are called: Python calls them faster so.
        random, send = self._random, self._send
        self.payload = chosen = int(random() * len(rendered))
        request = rendered[chosen]
        self.sent_at = perf_counter()
        try:
            sent = send(request)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._fail(ErrorKind.CONNECT)
            return
        if sent != len(request):
            self._send_rest(memoryview(request)[sent:])

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        if self._pending:
            self._more(data, now)
        elif not self.sent_at:
            # Nobody asked: servers say something before they close an idle connection.
            self._drop()
        else:
            total = self._known.get(data[: data.find(b"\r\n\r\n") + 4])
            if total == len(data):
                self._succeed(now)
            else:
                self._begin(data, total, now)

    def _succeed(self, now: float) -> None:
        count, wait = self._count_latency, self._wait
        count(now - self.sent_at)
        self.sent_at = 0.0
        wait(self, now)

    # Off the hot path from here on: answers in pieces or with a new head, and all that goes wrong.

    def _send_rest(self, rest: memoryview) -> None:
        assert self._transport is not None
        # An answer to a request that is not out yet must not pass for a plain one.
        self._pending = _PARSING
        self._transport.write(rest)

    def _begin(self, data: bytes, total: int | None, now: float) -> None:
        self._first = data
        if total is not None and len(data) < total:
            self._pending = total - len(data)
        else:
            self._pending = _PARSING
            self._parse(data, now)

    def _more(self, data: bytes, now: float) -> None:
        if self._pending == _PARSING:
            self._first = self._first or data
            self._parse(data, now)
        elif len(data) < self._pending:
            self._pending -= len(data)
        elif len(data) == self._pending:
            self._finish(200, now)
        else:
            self._fail(ErrorKind.PROTOCOL)

    def _parse(self, data: bytes, now: float) -> None:
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(ErrorKind.PROTOCOL)
            return
        if self._answers > 1:
            self._fail(ErrorKind.PROTOCOL)
        elif self._answers:
            self._parsed(self._parser.get_status_code(), now)

    def on_message_complete(self) -> None:
        """Called by httptools. A 1xx answer only announces the real one."""
        assert self._parser is not None
        if self._parser.get_status_code() >= 200:
            self._answers += 1
            self.over = self.over or not self._parser.should_keep_alive()

    def _parsed(self, status: int, now: float) -> None:
        if 200 <= status < 300 and not self.over:
            self._cache.learn(self._first, now)
        self._finish(status, now)

    def _finish(self, status: int, now: float) -> None:
        self._pending = self._answers = 0
        if self._transport is None or self._transport.get_write_buffer_size():
            self.over = True  # Answered before it had read the whole request.
        if 200 <= status < 300:
            self._first = b""
            self._succeed(now)
            return
        self._count(ErrorKind.HTTP_4XX if 400 <= status < 500 else ErrorKind.HTTP_5XX)
        self._wait(self, now)

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        if not self.sent_at:
            return
        whole = self._pending == _PARSING and exc is None and heads.ends_unframed(self._first)
        if whole and self._parser is not None and self._parser.get_status_code() >= 200:
            self._finish(self._parser.get_status_code(), perf_counter())
        else:
            self._fail(ErrorKind.PROTOCOL if self._first else ErrorKind.CONNECT)

    def expire(self) -> None:
        """The answer did not come in time."""
        self._fail(ErrorKind.TIMEOUT)

    def _fail(self, kind: ErrorKind) -> None:
        self._count(kind)
        self._drop()
        if kind is ErrorKind.CONNECT:
            self._crowd.back_off(self.next)
        else:
            self._wait(self, perf_counter())

    def _count(self, kind: ErrorKind) -> None:
        self.sent_at = 0.0
        name = self._crowd.requests.names[self.payload]
        self._crowd.fail(kind, name, self._first or _NOTHING_CAME.get(kind, b""))
        self._first = b""

    def _drop(self) -> None:
        self.over = True
        self._pending = 0
        if self._transport is not None:
            self._transport.abort()

    def _hand_back(self) -> None:
        if self._transport is not None:
            # A request that was never taken whole would hold a polite close up for ever.
            leave = self._transport.close
            (self._transport.abort if self._transport.get_write_buffer_size() else leave)()
        self._crowd.vacant(self)
