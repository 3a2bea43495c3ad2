"""A real HTTP server that answers as a test says, in the test's own loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from recommender.loadtest.crowd import Crowd
from recommender.loadtest.rendering import Requests, render
from recommender.loadtest.report import SecondReport
from recommender.loadtest.spec import LoadSpec

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n0.5\n"
PHASES = {
    "TrafficType": "PHASES",
    "Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 10}],
}
_DEADLINE_S = 20.0


@dataclass(frozen=True)
class Reply:
    """What the server does with one request: these pieces, each written after a pause."""

    pieces: tuple[bytes, ...] = (OK,)
    pause_s: float = 0.0
    close: bool = False
    abort: bool = False
    head_only: bool = False


@dataclass
class Target:
    replies: Callable[[int], Reply]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    answered: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # Cancelled: the test is over while an answer is held back.
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        reply = self.replies(len(self.requests))
        self.requests.append(head)
        if not reply.head_only:
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            self.requests[-1] = head + await reader.readexactly(length)
        for piece in reply.pieces:
            if reply.pause_s:
                await asyncio.sleep(reply.pause_s)
            writer.write(piece)
            await writer.drain()
        if reply.abort:
            writer.transport.abort()
        self.answered += 1
        while reply.head_only and await reader.read(1 << 16):
            pass  # Takes the rest, so that the client is free to go on sending.
        return not (reply.close or reply.abort)


@contextlib.asynccontextmanager
async def serving(replies: Callable[[int], Reply] | Reply | None = None) -> AsyncIterator[Target]:
    fixed = replies if isinstance(replies, Reply) else Reply()
    target = Target(replies if callable(replies) else lambda number: fixed)
    server = await asyncio.start_server(target.serve, "127.0.0.1", 0, backlog=512)
    target.port = server.sockets[0].getsockname()[1]
    try:
        yield target
    finally:
        server.close()


def make_spec(port: int, *payloads: Path, **changes: Any) -> LoadSpec:
    fields = {
        "url": f"http://127.0.0.1:{port}/invocations",
        "traffic": PHASES,
        "payloads": tuple(map(str, payloads)),
        "round_trip_ms": 1.0,
        "seed": 1,
    }
    return LoadSpec(**(fields | changes))


def make_crowd(port: int, *payloads: Path, **changes: Any) -> Crowd:
    spec = make_spec(port, *payloads, **changes)
    requests: Requests = render(spec)
    address = (socket.AF_INET, ("127.0.0.1", port))
    return Crowd(asyncio.get_running_loop(), spec, requests, address)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(_DEADLINE_S):
        while not true():
            await asyncio.sleep(0.005)


async def leave(crowd: Crowd) -> SecondReport:
    """The users finish what is under way; what they counted."""
    crowd.resize(0)
    await until(lambda: not crowd.present)
    return crowd.tally.close(second=0, elapsed_s=0.0, users=0, full=False)


def run(coroutine: Coroutine[Any, Any, None] | Awaitable[None]) -> None:
    """In the generator's own kind of loop; an error in a callback fails the test."""
    broken: list[dict[str, Any]] = []

    async def watched() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, said: broken.append(said))
        await coroutine

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(watched())
    assert not broken, broken
