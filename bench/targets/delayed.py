"""A target of known service time and, if asked, known capacity: `python -m bench.targets.delayed`.

One uvloop process, raw Protocol. Every request is answered `--delay-ms` after it was taken up, at
most `--concurrency` are taken up at once (0 = no limit), the rest wait in line. So the capacity
is concurrency / delay requests a second, whatever the machine. Prints its port where
none was given. GET /count answers how many POSTs it has answered.
"""

import argparse
import asyncio
import contextlib
import os
import socket
import sys
import time
from collections import deque
from typing import cast

import uvloop

_BODY = b"0.5\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 4\r\n\r\n" + _BODY
_TOLERANCE_S = 0.0005


class Queue:
    """Who is in service and who waits. Equal delays: the first in is the first out."""

    def __init__(self, delay_s: float, concurrency: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.delay_s = delay_s
        self.concurrency = concurrency or sys.maxsize
        self.serving: deque[tuple[float, Connection]] = deque()
        self.waiting: deque[Connection] = deque()
        self.answered = 0

    def arrive(self, connection: "Connection") -> None:
        if len(self.serving) >= self.concurrency:
            self.waiting.append(connection)
            return
        self._serve(connection)

    def _serve(self, connection: "Connection") -> None:
        if not self.serving:
            self.loop.call_later(self.delay_s, self._due)
        self.serving.append((time.perf_counter() + self.delay_s, connection))

    def _due(self) -> None:
        now = time.perf_counter() + _TOLERANCE_S
        serving = self.serving
        while serving and serving[0][0] <= now:
            due, connection = serving.popleft()
            self.answered += 1
            connection.answer()
            if self.waiting:
                # Taken up when the place became free, not when this loop got round to it:
                # else every turn's lateness would lower the capacity.
                serving.append((due + self.delay_s, self.waiting.popleft()))
        if serving:
            pause = serving[0][0] - time.perf_counter()
            self.loop.call_later(max(pause, 0.001), self._due)


class Connection(asyncio.Protocol):
    """Enough HTTP for load tools: whole requests with a Content-Length or none."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.transport: asyncio.Transport | None = None
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self.buffer = b""
        if head.startswith(b"GET /count"):
            self._count()
        elif self.queue.delay_s:
            self.queue.arrive(self)
        else:
            self.queue.answered += 1
            self.answer()

    def answer(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(_ANSWER)

    def _count(self) -> None:
        assert self.transport is not None
        body = str(self.queue.answered).encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    return int(head[at + 17 :].split(b"\r\n", 1)[0])


async def serve(port: int, delay_s: float, concurrency: int) -> None:
    loop = asyncio.get_running_loop()
    queue = Queue(delay_s, concurrency)
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    server = await loop.create_server(lambda: Connection(queue), sock=listener)
    if not port:
        print(listener.getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--concurrency", type=int, default=0)
    parser.add_argument("--core", type=int, default=None)
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    uvloop.install()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.port, given.delay_ms / 1000, given.concurrency))


if __name__ == "__main__":
    main()
