"""Streams a request of ours to another server, and its answer back, piece by piece."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

logger = logging.getLogger(__name__)

HeaderPairs = list[tuple[bytes, bytes]]
# They speak of one connection, and ours to the other server is a different one. Expect is
# answered by the web server itself.
_HOP_BY_HOP: Final = {
    b"connection",
    b"expect",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
_SETTLE_S: Final = 2.0
_SETTLE_LIMIT: Final = 8 * 1024 * 1024
#: Of a Content-Length, which is shorter than this.
_DIGITS: Final = 20


class Unreachable(Exception):
    """The other server could not be asked, or went away before it answered."""


class ClientGone(Exception):
    """The one who asked hung up."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it leaves: `target` goes out byte by byte as it is, `headers` too."""

    method: str
    target: bytes
    headers: HeaderPairs
    body: AsyncIterator[bytes] | None = None


class Relay:
    """A pool of connections to one server. Made lazily: it belongs to the running loop."""

    def __init__(self, *, read_timeout_s: float) -> None:
        self._timeout = httpx.Timeout(5.0, read=read_timeout_s, write=60.0, pool=5.0)
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def _connected(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            # The environment's proxies are for the internet, not for our own processes.
            self._client = httpx.AsyncClient(
                timeout=self._timeout,
                limits=httpx.Limits(max_connections=512, max_keepalive_connections=64),
                trust_env=False,
            )
            self._loop = loop
        return self._client

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def ask(self, base_url: str, outgoing: Outgoing) -> httpx.Response:
        """The answer with its body unread; close it. Raises Unreachable; the body's own
        exceptions come through."""
        request = httpx.Request(
            outgoing.method,
            base_url,
            headers=outgoing.headers,
            content=outgoing.body if outgoing.body is not None else b"",
            extensions={"target": outgoing.target, "timeout": self._timeout.as_dict()},
        )
        try:
            return await self._connected().send(request, stream=True)
        except httpx.TransportError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error


def told_length(headers: Mapping[bytes, bytes]) -> int:
    """Content-Length; 0 where none is told, or one that no body has."""
    told = headers.get(b"content-length", b"")
    # Python reads no number of thousands of digits.
    return int(told) if told.isdigit() and len(told) < _DIGITS else 0


class IncomingBody:
    """The body of a request to us, as it comes; knows whether all of it came."""

    def __init__(
        self, headers: Iterable[tuple[bytes, bytes]], receive: ASGIReceiveCallable
    ) -> None:
        headers = tuple(headers)
        #: Whether there is one at all.
        self.expected = _has_body(headers)
        self.finished = not self.expected
        self._receive = receive
        self._must_be_asked_for = any(name == b"expect" for name, _ in headers)
        self._begun = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises ClientGone when it stops in the middle."""
        self._begun = True
        while not self.finished:
            event = await self._receive()
            if event["type"] != "http.request":
                raise ClientGone
            self.finished = not event["more_body"]
            if event["body"]:
                yield event["body"]

    async def settle(self) -> bool:
        """Before an answer to a request that was not read: whether the connection can go on.

        What is left of a body would be taken for the next request. A little of it is read and
        dropped; a client that waits to be asked for it is not asked.
        """
        if self._must_be_asked_for and not self._begun:
            return self.finished
        dropped = 0
        with contextlib.suppress(TimeoutError, ClientGone):
            async with asyncio.timeout(_SETTLE_S):
                async for piece in self.pieces():
                    dropped += len(piece)
                    if dropped > _SETTLE_LIMIT:
                        break
        return self.finished


async def primed(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same body, its first piece here already: what is wrong with it until then, and a client
    that leaves before, comes to light before anybody else is asked."""
    first = await anext(body, b"")
    return _continued(first, body)


async def _continued(first: bytes, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for piece in body:
        yield piece


async def pass_back(
    response: httpx.Response,
    body: IncomingBody,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
) -> None:
    """Sends an unread answer on to the client, as fast as the client takes it; then closes it."""
    headers = end_to_end(response.headers.raw)
    if not body.finished:
        headers.append((b"connection", b"close"))
    gone: asyncio.Future[None] | None = None
    try:
        await send(
            {
                "type": "http.response.start",
                "status": response.status_code,
                "headers": headers,
                "trailers": False,
            }
        )
        gone = asyncio.ensure_future(_hang_up(receive))
        async for piece in response.aiter_raw():
            if gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except httpx.TransportError as error:
        # The head is out: ending without the last piece tells the client that it is cut.
        logger.warning("an answer ended in the middle: %s", error)
    finally:
        if gone is not None:
            gone.cancel()
        await response.aclose()


async def _hang_up(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _has_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip() != b"0")
        for name, value in headers
    )


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> HeaderPairs:
    """Without the headers that end at this hop, named ones included. Names in lower case."""
    pairs = [(name.lower(), value) for name, value in headers]
    named = {
        option.strip().lower()
        for name, value in pairs
        if name == b"connection"
        for option in value.split(b",")
    }
    return [(name, value) for name, value in pairs if name not in _HOP_BY_HOP and name not in named]
