"""Connections to model servers: reuse, and when a request may be sent a second time."""

import asyncio
import socket

import pytest

from endpoints.gateway import pool as pool_module
from endpoints.gateway.upstream import Upstream
from tests.endpoints.gateway.rig import Rig, Seen, Wire, answer, invocation, reply, until, variant


async def test_a_connection_serves_one_request_after_another(rig: Rig) -> None:
    model = await rig.model()
    rig.publish(variant(model))
    wire = await rig.connect()
    for _ in range(5):
        wire.send(invocation())
        await wire.answer()
    assert model.connections == 1


async def test_a_connection_that_the_model_closes_is_not_kept(rig: Rig) -> None:
    model = await rig.model(reply(Connection="close"))
    rig.publish(variant(model))
    assert [(await rig.ask()).status for _ in range(3)] == [200] * 3
    assert model.connections == 3


async def test_bytes_nobody_asked_for_end_the_connection(rig: Rig) -> None:
    async def twice(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"mine"))
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(answer(b"smuggled"))

    model = await rig.model(twice)
    rig.publish(variant(model))
    assert (await rig.ask()).body == b"mine"
    (pool,) = rig.gateway.fleet._pools.values()
    await until(lambda: not pool.connections)
    assert (await rig.ask()).body == b"mine"
    assert model.connections == 2


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nmore",
    ],
)
async def test_an_answer_longer_than_it_says_is_not_trusted(rig: Rig, said: bytes) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    model = await rig.model(script)
    rig.publish(variant(model))
    wire = await rig.connect()
    wire.send(invocation())
    assert b"more" not in await wire.rest()
    assert rig.counted("InvocationModelErrors") == 1


async def test_an_idle_connection_is_dropped_before_its_server_would(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "IDLE_S", 0.05)
    model = await rig.model()
    rig.publish(variant(model))
    await rig.ask()
    (pool,) = rig.gateway.fleet._pools.values()
    await until(lambda: not pool.connections)
    assert pool.idle == []
    await rig.ask()
    assert model.connections == 2


async def test_a_request_is_sent_again_when_its_connection_was_closed_before_it_left(
    rig: Rig,
) -> None:
    model = await rig.model()
    rig.publish(variant(model))
    wire = await rig.connect()
    wire.send(invocation())
    await wire.answer()
    await _close_kept_connection_behind_the_gateway(rig, model.port)
    _send_at_once(rig, wire)
    assert (await wire.answer()).status == 200
    assert len(model.seen) == 2


async def _close_kept_connection_behind_the_gateway(rig: Rig, port: int) -> None:
    """Puts a kept connection in place whose peer has closed, which the loop has not seen yet."""
    (pool,) = rig.gateway.fleet._pools.values()
    with socket.create_server(("127.0.0.1", 0)) as closing:
        address = closing.getsockname()
        _, upstream = await asyncio.get_running_loop().create_connection(
            lambda: Upstream(pool), *address
        )
        peer, _ = closing.accept()
    upstream.idle_since = pool.idle[-1].idle_since
    pool.idle.append(upstream)
    # From here to the request, the loop does not turn.
    peer.close()


def _send_at_once(rig: Rig, wire: Wire) -> None:
    (client,) = rig.gateway._clients
    client.data_received(invocation(b"second"))


async def test_a_request_that_arrived_is_never_sent_again(rig: Rig) -> None:
    async def die(seen: Seen, writer: asyncio.StreamWriter) -> None:
        if seen.body == b"deadly":
            writer.close()
        else:
            writer.write(answer())

    model, other = await rig.model(die), await rig.model()
    rig.publish(variant(model))
    assert (await rig.ask()).status == 200
    instances = [*variant(model)["instances"], *variant(other)["instances"]]
    rig.publish({**variant(model), "instances": instances})
    found = [await rig.ask(b"deadly") for _ in range(2)]
    deaths = [each for each in found if each.status == 424]
    assert len(deaths) == len([seen for seen in model.seen if seen.body == b"deadly"])
    assert len(model.seen) + len(other.seen) == 3
    for death in deaths:
        expected = "An error occurred while handling request as the model process exited."
        assert death.error["OriginalMessage"] == expected


async def test_an_early_answer_leaves_no_half_sent_request_behind(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"fine"))

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(b"too large", 413))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()

    server = await asyncio.start_server(hasty, "127.0.0.1", 0, limit=1024)
    rig.publish(variant(server.sockets[0].getsockname()[1]))
    found = await rig.ask(bytes(6 * 1024 * 1024))
    assert (found.status, found.error["OriginalStatusCode"]) == (424, 413)
    (pool,) = rig.gateway.fleet._pools.values()
    await until(lambda: not pool.connections)
    server.close()


async def test_a_client_that_does_not_read_its_stream_keeps_no_other_waiting(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        for client in rig.gateway._clients:
            if client.exchange is not None and seen.body == b"slow":
                client.pause_writing()  # as the transport does once too much is unread
        writer.write(answer(b"whole"))

    model = await rig.model(script)
    rig.publish(variant(model))
    slow = await rig.connect()
    slow.send(invocation(b"slow", action="invocations-response-stream"))
    await slow.answer()
    assert (await rig.ask()).body == b"whole"
    assert model.connections == 1
