"""Sends samples to the metrics ingest: a blocking emitter and one for asyncio.

Pure: the gateway uses it. Neither ever fails its caller: samples wait, bounded, while the ingest
is away, and the oldest are dropped (and counted) first. What the kernel took over is not sent
again, so an ingest that dies may lose the last second, and none is counted twice.
"""

import asyncio
import logging
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Final, Self

from consoleapp.metrics.line import Sample

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 50_000
_RETRY_S: Final = 0.5
_TIMEOUT_S: Final = 2.0


def split_address(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


class _Waiting:
    """Encoded lines not yet sent; the oldest leave when there are too many."""

    def __init__(self, most: int) -> None:
        self.lines: deque[bytes] = deque(maxlen=most)
        self.dropped = 0

    def add(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            self.dropped += len(self.lines) == self.lines.maxlen
            self.lines.append(sample.encode())


class Emitter:
    """For threads and plain processes. `send` blocks for at most a few seconds, once in a while."""

    def __init__(self, address: str, token: str, *, most_waiting: int = MOST_WAITING) -> None:
        self._address = split_address(address)
        self._hello = token.encode() + b"\n"
        self._waiting = _Waiting(most_waiting)
        self._socket: socket.socket | None = None
        self._not_before = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def dropped(self) -> int:
        return self._waiting.dropped

    @property
    def waiting(self) -> int:
        return len(self._waiting.lines)

    def send(self, samples: Iterable[Sample]) -> None:
        with self._lock:
            self._waiting.add(samples)
            self._drain()

    def close(self) -> None:
        """Tries once more to send what waits."""
        with self._lock:
            self._not_before = 0.0
            self._drain()
            self._disconnect()

    def _drain(self) -> None:
        if not self._waiting.lines or not self._connected():
            return
        assert self._socket is not None
        try:
            while self._waiting.lines:
                self._socket.sendall(self._waiting.lines[0])
                self._waiting.lines.popleft()
        except OSError:
            # A line cut in the middle has no end: the ingest ignores it, so it is sent anew.
            self._disconnect()

    def _connected(self) -> bool:
        if self._socket is not None and _closed_by_peer(self._socket):
            self._disconnect()
        if self._socket is None and time.monotonic() >= self._not_before:
            self._connect()
        return self._socket is not None

    def _connect(self) -> None:
        self._not_before = time.monotonic() + _RETRY_S
        try:
            self._socket = socket.create_connection(self._address, timeout=_TIMEOUT_S)
            self._socket.sendall(self._hello)
        except OSError as error:
            logger.debug("the metrics ingest does not answer: %s", error)
            self._disconnect()

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _closed_by_peer(connection: socket.socket) -> bool:
    # The ingest never speaks, so anything readable is its goodbye. Without this look the first
    # lines after a restart would vanish into a socket that still accepts them.
    # Asked of poll: a recv, even one with MSG_DONTWAIT, waits for the socket's whole timeout.
    asking = select.poll()
    asking.register(connection, select.POLLIN)
    return bool(asking.poll(0))


class AsyncEmitter:
    """For an asyncio process: `send` only queues; a task of the running loop does the rest."""

    def __init__(self, address: str, token: str, *, most_waiting: int = MOST_WAITING) -> None:
        self._address = split_address(address)
        self._hello = token.encode() + b"\n"
        self._waiting = _Waiting(most_waiting)
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def dropped(self) -> int:
        return self._waiting.dropped

    @property
    def waiting(self) -> int:
        return len(self._waiting.lines)

    def start(self) -> None:
        """Call it inside the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def send(self, samples: Iterable[Sample]) -> None:
        self._waiting.add(samples)
        self._news.set()

    async def close(self) -> None:
        """Gives what waits one timeout to leave."""
        if self._task is None:
            return
        self._closing = True
        self._news.set()
        await asyncio.wait({self._task}, timeout=_TIMEOUT_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._waiting.lines or not self._closing:
            try:
                reader, writer = await asyncio.open_connection(*self._address)
                await self._pump(reader, writer)
            except OSError:
                await asyncio.sleep(_RETRY_S)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        goodbye = asyncio.ensure_future(reader.read(1))
        goodbye.add_done_callback(lambda _: self._news.set())
        try:
            writer.write(self._hello)
            while not goodbye.done():
                self._news.clear()
                await self._write_waiting(writer)
                if self._closing:
                    break
                await self._news.wait()
        finally:
            goodbye.cancel()
            writer.close()
            await writer.wait_closed()

    async def _write_waiting(self, writer: asyncio.StreamWriter) -> None:
        while self._waiting.lines:
            writer.write(self._waiting.lines.popleft())
            await writer.drain()
