"""Against the kernel itself: what a closed, a dead and a living peer leave behind."""

import asyncio
import socket
from typing import cast

from endpoints.gateway.proof import nothing_arrived


class Caller(asyncio.Protocol):
    """Notes, at the other side's end, whether the request provably did not arrive."""

    def __init__(self) -> None:
        self.sent = 0
        self.verdict: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def eof_received(self) -> None:
        self._decide(nothing_arrived(self.transport, acknowledged=self.sent))

    def connection_lost(self, error: Exception | None) -> None:
        self._decide(None)

    def _decide(self, verdict: bool | None) -> None:
        if not self.verdict.done():
            self.verdict.set_result(verdict)


async def connected() -> tuple[Caller, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        _, caller = await asyncio.get_running_loop().create_connection(Caller, *address)
        peer, _ = server.accept()
    return caller, peer


async def test_a_peer_that_had_closed_got_nothing() -> None:
    caller, peer = await connected()
    peer.close()
    caller.transport.write(b"request")
    assert await caller.verdict is True


async def test_what_went_before_does_not_count() -> None:
    caller, peer = await connected()
    caller.transport.write(b"first request")
    await asyncio.sleep(0)
    while not peer.recv(100):
        await asyncio.sleep(0)
    caller.sent = len(b"first request")
    peer.close()
    caller.transport.write(b"second request")
    assert await caller.verdict is True


async def test_a_peer_that_read_it_all_and_closed_may_have_acted() -> None:
    caller, peer = await connected()
    caller.transport.write(b"request")
    await asyncio.sleep(0.01)
    assert peer.recv(100) == b"request"
    peer.close()
    assert await caller.verdict is False


async def test_a_peer_that_read_a_part_and_died_may_have_acted() -> None:
    caller, peer = await connected()
    caller.transport.write(b"request")
    await asyncio.sleep(0.01)
    assert peer.recv(3) == b"req"
    # As a socket server does it: an end to what it says, then a close with bytes unread.
    peer.shutdown(socket.SHUT_WR)
    peer.close()
    assert not await caller.verdict


async def test_a_peer_that_only_stopped_talking_may_still_listen() -> None:
    caller, peer = await connected()
    peer.shutdown(socket.SHUT_WR)
    caller.transport.write(b"request")
    assert await caller.verdict is False
    peer.close()
