"""The client's side of the gateway: framing, pipelining, limits; byte strings and sockets."""

import asyncio
import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.gateway.client import ClientConnection
from endpoints.gateway.gateway import Gateway
from endpoints.gateway.refusals import BODY_LIMIT
from tests.endpoints.gateway.rig import TOKEN, Rig, Seen, answer, invocation, until, variant

HEALTH = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"


class Transport:
    """What a connection writes, without a socket."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False
        self.reading = True

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def connected() -> tuple[ClientConnection, Transport]:
    gateway = Gateway(token=TOKEN, emit=lambda samples: None)
    gateway.is_ready = True
    client, transport = ClientConnection(gateway), Transport()
    client.connection_made(cast(asyncio.BaseTransport, transport))
    return client, transport


def statuses(written: bytes) -> list[int]:
    """Of all answers in it, which must follow one another without a gap."""
    found = []
    while written:
        head, _, rest = written.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        length = next(int(x.split(": ")[1]) for x in lines if x.startswith("Content-Length"))
        found.append(int(lines[0].split(" ")[1]))
        written = rest[length:]
    return found


@given(st.lists(st.integers(1, 60), min_size=1))
def test_requests_are_read_however_they_are_cut(cuts: list[int]) -> None:
    client, transport = connected()
    said = HEALTH + invocation(b"x" * 50, endpoint="none") + HEALTH
    said += invocation(chunked=True, endpoint="none") + b"3\r\nabc\r\n0\r\n\r\n" + HEALTH
    at, turn = 0, 0
    while at < len(said):
        step = cuts[turn % len(cuts)]
        client.data_received(said[at : at + step])
        at, turn = at + step, turn + 1
    assert statuses(transport.written) == [200, 400, 200, 400, 200]
    assert not transport.closed


@given(st.binary(max_size=200))
async def test_garbage_never_breaks_the_gateway(data: bytes) -> None:
    client, transport = connected()
    client.data_received(data + b"\r\n\r\n")
    assert statuses(transport.written) in ([400], [431])


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 3\r\nContent-Length: 3",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, identity",
        "Content-Length: +3",
        "Content-Length: 3\nX: y",
        "Content-Length : 3",
    ],
)
async def test_ambiguous_framing_is_refused_and_what_follows_is_not_read(head: str) -> None:
    client, transport = connected()
    line = f"POST /endpoints/ep/invocations HTTP/1.1\r\nHost: h\r\n{head}\r\n\r\n"
    client.data_received(line.encode() + b"abc" + HEALTH)
    client.data_received(HEALTH)
    assert statuses(transport.written) == [400]
    assert b"Connection: close" in transport.written


async def test_a_bad_chunk_is_refused_and_what_follows_is_not_read() -> None:
    client, transport = connected()
    client.data_received(invocation(chunked=True) + b"zz\r\n" + HEALTH)
    assert statuses(transport.written) == [400]


async def test_a_head_without_end_is_refused() -> None:
    client, transport = connected()
    client.data_received(b"GET /health HTTP/1.1\r\nX: ")
    for _ in range(20):
        client.data_received(b"a" * 1000)
    assert statuses(transport.written) == [431]


async def test_a_body_that_says_it_is_too_long_is_refused_unread() -> None:
    client, transport = connected()
    head = invocation(headers=["X: y"]).replace(
        b"Content-Length: 3", b"Content-Length: %d" % (BODY_LIMIT + 1)
    )
    client.data_received(head)
    assert statuses(transport.written) == [413]
    body = transport.written.partition(b"\r\n\r\n")[2]
    message = f"HTTP content length exceeded {BODY_LIMIT} bytes."
    assert json.loads(body) == {"Message": message}
    client.data_received(bytes(1000))
    assert statuses(transport.written) == [413]


async def test_a_chunked_body_that_grows_too_long_is_refused() -> None:
    client, transport = connected()
    client.data_received(invocation(chunked=True))
    piece = b"%x\r\n%b\r\n" % (1024 * 1024, bytes(1024 * 1024))
    for _ in range(7):
        client.data_received(piece)
    assert statuses(transport.written) == [413]


def test_a_client_that_waits_to_be_asked_is_asked() -> None:
    client, transport = connected()
    head = invocation(b"abc", endpoint="none", headers=["Expect: 100-continue"])
    client.data_received(head[:-3])
    assert transport.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.data_received(b"abc")
    assert statuses(transport.written.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")) == [400]


async def test_a_client_that_waits_is_not_asked_for_what_will_be_refused() -> None:
    client, transport = connected()
    head = invocation(b"abc", token=None, headers=["Expect: 100-continue"])
    client.data_received(head[:-3])
    assert statuses(transport.written) == [403]


def test_an_unsigned_body_is_read_but_not_kept() -> None:
    client, transport = connected()
    data = invocation(bytes(1000), token=None)
    client.data_received(data[:-500])
    assert client._pieces == []
    client.data_received(data[-500:] + HEALTH)
    assert statuses(transport.written) == [403, 200]


def test_a_connection_is_closed_when_the_client_asks() -> None:
    client, transport = connected()
    client.data_received(b"GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert statuses(transport.written) == [404]
    assert b"Connection: close" in transport.written
    assert transport.closed


def test_one_who_reads_nothing_is_not_answered_on() -> None:
    client, transport = connected()
    client.pause_writing()
    client.data_received(HEALTH * 3)
    assert transport.written == b""
    client.data_received(HEALTH * 3000)
    assert not transport.reading
    client.resume_writing()
    assert transport.reading
    assert statuses(transport.written) == [200] * 3003


def test_one_who_says_nothing_is_stale_in_time() -> None:
    client, _ = connected()
    since = client.waiting_since
    assert not client.is_stale(since + 70)
    assert client.is_stale(since + 80)
    client.data_received(b"GET /hea")
    assert not client.is_stale(client.waiting_since + 50)
    assert client.is_stale(client.waiting_since + 61)


async def test_pipelined_invocations_are_answered_in_order(rig: Rig) -> None:
    async def echo(seen: Seen, writer: asyncio.StreamWriter) -> None:
        # The first takes longest: an eager gateway would answer the others before it.
        await asyncio.sleep(0.03 / (1 + int(seen.body)))
        writer.write(answer(seen.body))

    model = await rig.model(echo)
    rig.publish(variant(model))
    wire = await rig.connect()
    wire.send(b"".join(invocation(b"%d" % n) for n in range(20)))
    assert [(await wire.answer()).body for _ in range(20)] == [b"%d" % n for n in range(20)]
    assert model.connections == 1


async def test_a_chunked_request_reaches_the_model_with_its_length(rig: Rig) -> None:
    model = await rig.model()
    rig.publish(variant(model))
    wire = await rig.connect()
    wire.send(invocation(chunked=True) + b"3\r\nabc\r\n")
    wire.send(b"2\r\nde\r\n0\r\n\r\n")
    assert (await wire.answer()).status == 200
    assert model.seen[0].body == b"abcde"
    assert model.seen[0].headers["content-length"] == "5"


async def test_a_body_of_six_mebibytes_goes_through(rig: Rig) -> None:
    async def size(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"%d" % len(seen.body)))

    rig.publish(variant(await rig.model(size)))
    assert (await rig.ask(bytes(BODY_LIMIT))).body == b"%d" % BODY_LIMIT


async def test_one_who_closed_their_sending_half_still_gets_the_answer(rig: Rig) -> None:
    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(answer())

    rig.publish(variant(await rig.model(slow)))
    wire = await rig.connect()
    wire.send(invocation())
    wire.writer.write_eof()
    assert (await wire.answer()).status == 200
    assert await wire.rest() == b""


async def test_a_connection_too_many_is_told_so(rig: Rig) -> None:
    rig.gateway._max_connections = 1
    first = await rig.connect()
    first.send(HEALTH)
    assert (await first.answer()).status == 200
    second = await rig.connect()
    refused: Any = await second.answer()
    assert (refused.status, refused.headers["connection"]) == (503, "close")
    await until(lambda: True)
    first.send(HEALTH)
    assert (await first.answer()).status == 200
