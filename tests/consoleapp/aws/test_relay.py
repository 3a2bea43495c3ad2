"""Bodies in between: what passes, what is left, and what a connection is worth afterwards."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest

from consoleapp.aws import relay
from consoleapp.aws.relay import (
    ClientGone,
    IncomingBody,
    Outgoing,
    Relay,
    Unreachable,
    end_to_end,
    primed,
)

LENGTH = [(b"content-length", b"6")]


def coming(*bodies: bytes, headers: Iterable[tuple[bytes, bytes]] = LENGTH) -> IncomingBody:
    """A body in these pieces, and the client hangs up after them."""
    events: list[Any] = [
        {"type": "http.request", "body": body, "more_body": index < len(bodies) - 1}
        for index, body in enumerate(bodies)
    ]

    async def receive() -> Any:
        return events.pop(0) if events else {"type": "http.disconnect"}

    return IncomingBody(headers, receive)


async def all_of(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_a_body_knows_when_it_is_whole() -> None:
    body = coming(b"abc", b"", b"def")
    assert not body.finished
    assert await all_of(body.pieces()) == b"abcdef"
    assert body.finished


async def test_a_client_that_leaves_in_the_middle_is_noticed() -> None:
    body = coming()
    with pytest.raises(ClientGone):
        await all_of(body.pieces())
    assert not body.finished


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], False),
        ([(b"content-length", b"0")], False),
        (LENGTH, True),
        ([(b"transfer-encoding", b"chunked")], True),
    ],
)
def test_whether_there_is_a_body_is_in_the_head(headers: Any, expected: bool) -> None:
    body = coming(headers=headers)
    assert body.expected is expected
    assert body.finished is not expected


async def test_a_little_that_is_left_is_read_away() -> None:
    assert await coming(b"abc", b"def").settle()


async def test_a_lot_that_is_left_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_SETTLE_LIMIT", 4)
    assert not await coming(b"abc", b"def", b"ghi").settle()


async def test_a_client_that_waits_to_be_asked_is_not_asked() -> None:
    body = coming(b"abcdef", headers=[*LENGTH, (b"expect", b"100-continue")])
    assert not await body.settle()
    assert await all_of(body.pieces()) == b"abcdef"


async def test_the_first_piece_comes_before_anybody_is_asked() -> None:
    assert await all_of(await primed(coming(b"abc", b"def").pieces())) == b"abcdef"
    assert await all_of(await primed(coming(b"").pieces())) == b""
    with pytest.raises(ClientGone):
        await primed(coming().pieces())


def test_what_belongs_to_a_hop_stays_there() -> None:
    headers = [
        (b"Connection", b"close, X-Named"),
        (b"Transfer-Encoding", b"chunked"),
        (b"X-Named", b"1"),
        (b"Expect", b"100-continue"),
        (b"Host", b"h"),
        (b"Content-Length", b"5"),
    ]
    assert end_to_end(headers) == [(b"host", b"h"), (b"content-length", b"5")]


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    asking = Relay(read_timeout_s=1)
    with pytest.raises(Unreachable):
        await asking.ask("http://127.0.0.1:9", Outgoing("GET", b"/", [(b"host", b"h")]))
    await asking.aclose()
