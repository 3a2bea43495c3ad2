"""The gateway's own state, shared by all its connections, and the step from request to exchange."""

import asyncio
import contextlib
import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Final

from consoleapp.metrics.line import Sample
from endpoints.gateway import refusals
from endpoints.gateway.admission import Admission, Admitted, Kind
from endpoints.gateway.capture import Captures
from endpoints.gateway.captured import CapturedExchange
from endpoints.gateway.client import ClientConnection
from endpoints.gateway.doubt import Doubts
from endpoints.gateway.exchange import Exchange
from endpoints.gateway.fleet import Fleet
from endpoints.gateway.keyring import Keyring
from endpoints.gateway.refusals import Refusal

_SWEEP_S: Final = 0.1
_STALE_SWEEP_S: Final = 5.0


class Gateway:
    def __init__(
        self,
        *,
        token: str,
        emit: Callable[[Sequence[Sample]], None],
        max_connections: int = 10_000,
        captures: Captures | None = None,
    ) -> None:
        self.fleet = Fleet(captures)
        self.doubts = Doubts(self.fleet.take)
        self.keyring = Keyring()
        self.admission = Admission(self.keyring, token)
        self.is_ready = False
        self.is_draining = False
        self._clients: set[ClientConnection] = set()
        self._all_left = asyncio.Event()
        self._max_connections = max_connections
        self._emit = emit
        self._second = int(time.time())
        # As long as the process lives no id comes twice, and none tells what the next will be
        # for another process: 80 random bits, then a count.
        noise = secrets.token_hex(10)
        self._id_start = f"{noise[:8]}-{noise[8:12]}-4{noise[12:15]}-a{noise[15:18]}-".encode()
        self._ids = itertools.count(1)
        self._next_stale_sweep = 0.0

    def next_request_id(self) -> bytes:
        return b"%b%012x" % (self._id_start, next(self._ids))

    # Connections

    def connection(self) -> asyncio.Protocol:
        """What the server makes of a new connection."""
        return ClientConnection(self)

    def joined(self, client: ClientConnection) -> None:
        self._clients.add(client)
        self._all_left.clear()
        if len(self._clients) > self._max_connections:
            client.refuse(refusals.OVERLOADED, close=True)

    def left(self, client: ClientConnection) -> None:
        self._clients.discard(client)
        if not self._clients:
            self._all_left.set()

    # Requests

    def serve(
        self, client: ClientConnection, admitted: Admitted, body: bytes, started: float
    ) -> None:
        """Answers at once, or starts an exchange that will."""
        if self.is_draining:
            client.keep_alive = False
        refusal = admitted.refusal
        if refusal is None and admitted.claim is not None:
            refusal = self.admission.verify(admitted, body)
        if refusal is not None:
            client.refuse(refusal)
        elif admitted.kind is Kind.HEALTH:
            self._answer_health(client)
        else:
            self._invoke(client, admitted, body, started)

    def _answer_health(self, client: ClientConnection) -> None:
        if self.is_ready and not self.is_draining:
            body = b'{"status": "ok"}'
            client.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            client.finished()
        else:
            state = "draining" if self.is_draining else "waiting for its first route table"
            client.refuse(refusals.unavailable(f"The gateway is {state}."))

    def _invoke(
        self,
        client: ClientConnection,
        admitted: Admitted,
        body: bytes,
        started: float,
        *,
        is_sure: bool = False,
    ) -> None:
        route = self.fleet.routes.get(admitted.key)
        if route is None or not route.spec.serving:
            again = partial(self._invoke, client, admitted, body, started, is_sure=True)
            if is_sure or not self.doubts.raise_for(client, admitted.key, again):
                client.refuse(refusals.unknown_endpoint(admitted.endpoint, admitted.account))
            return
        target = admitted.target_variant
        chosen = route.draw() if target is None else route.named(target)
        if chosen is None:
            client.refuse(_no_variant(admitted))
            return
        capture = chosen.capture
        kind = Exchange if capture is None or not capture.draw() else CapturedExchange
        exchange = kind(route, chosen, admitted, body, client, started)
        client.exchange = exchange
        exchange.dispatch()
        if route.shadows:
            for shadow in route.drawn_shadows():
                # Captured with the request that it copies, so that the answers can be compared.
                kind(route, shadow, admitted, body, None, started).dispatch()

    # Ticks

    def sweep(self) -> None:
        """Deadlines and idle connections, ten times a second."""
        now = perf_counter()
        self.fleet.sweep(now)
        if now > self._next_stale_sweep:
            self._next_stale_sweep = now + _STALE_SWEEP_S
            for client in tuple(self._clients):
                if client.is_stale(now):
                    client.close()

    def report(self) -> None:
        """Hands over the counts of the seconds since the last report, under the first of them."""
        second, self._second = self._second, int(time.time())
        samples = [sample for counters in self.fleet.counters() for sample in counters.take(second)]
        if samples:
            self._emit(samples)

    async def tick(self) -> None:
        """Sweeps, and reports whenever a second of the clock is over, until cancelled."""
        while True:
            # Awake at the turn of the second, so that its counts go under its own number.
            await asyncio.sleep(min(_SWEEP_S, self._second + 1 - time.time()))
            self.sweep()
            if int(time.time()) != self._second:
                self.report()

    # Leaving

    async def drain(self, seconds: float) -> None:
        """Lets every request in flight end, and everyone go, within that time."""
        self.is_draining = True
        for client in tuple(self._clients):
            if client.is_idle:
                client.close()
        if self._clients:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_left.wait(), seconds)
        for client in tuple(self._clients):
            client.abort()


def _no_variant(admitted: Admitted) -> Refusal:
    endpoint, target = admitted.endpoint, admitted.target_variant
    if target is not None:
        return refusals.unknown_variant(target, endpoint)
    return refusals.unavailable(f"No production variant of endpoint {endpoint} has any weight.")
