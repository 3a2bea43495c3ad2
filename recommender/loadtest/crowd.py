"""Crowd: the users of one generator; brings them, replaces lost connections, times them out."""

import asyncio
import os
import socket
from collections.abc import Callable
from random import Random
from typing import Any, Final

from recommender.loadtest import heads
from recommender.loadtest.pacing import Pacer
from recommender.loadtest.rendering import Requests
from recommender.loadtest.report import ErrorKind
from recommender.loadtest.spec import LoadSpec
from recommender.loadtest.tally import Tally
from recommender.loadtest.user import User

#: A target that refuses connections is asked again after this long, not in a tight loop.
BACK_OFF_S: Final = 0.1
_CONNECT_TIMEOUT_S: Final = 10.0

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class Crowd:
    """Slot k holds user k; `present` are the users with a connection."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, spec: LoadSpec, requests: Requests, address: Address
    ) -> None:
        self.requests = requests
        self.tally = Tally()
        self.cache = heads.HeadCache()
        self.pacer = Pacer(loop, spec.round_trip_ms / 1000, self.tally.fold_some)
        self.wanted = 0
        self.present: dict[int, User] = {}
        self._loop = loop
        self._timeout_s = spec.timeout_s
        self._address = address
        self._random = Random(spec.seed)  # noqa: S311 -- payloads are no secret
        self._connecting: dict[int, asyncio.Task[None]] = {}

    def resize(self, wanted: int) -> None:
        """Have this many users: new ones connect, the surplus leaves after its answer."""
        before, self.wanted = self.wanted, wanted
        for slot in range(before, wanted):
            # One that is about to leave hands its slot back, and is followed by another.
            self._fill(slot, settle_s=self._random.random() * self.pacer.round_trip_s)
        for slot in range(wanted, before):
            if slot in self.present:
                self.present[slot].over = True

    @property
    def under_way(self) -> int:
        """Requests that have been sent and not been answered."""
        return sum(1 for user in self.present.values() if user.sent_at)

    def vacant(self, user: User) -> None:
        """A user's connection is over: the slot gets another one while it is wanted."""
        del self.present[user.slot]
        self._fill(user.slot)

    def back_off(self, then: Callable[[], None]) -> None:
        self._loop.call_later(max(BACK_OFF_S, self.pacer.round_trip_s), then)

    def fail(self, kind: ErrorKind, payload: str, first: bytes) -> None:
        """Count a failed invocation, and keep a sample of it while samples are wanted."""
        if self.tally.fail(kind):
            self.tally.keep(heads.sample(kind, payload, first))

    def expire(self, now: float) -> None:
        """Give up on every answer that is late."""
        late = now - self._timeout_s
        for user in list(self.present.values()):
            if 0.0 < user.sent_at < late:
                user.expire()

    async def _connect(self, slot: int, settle_s: float) -> None:
        try:
            user = await asyncio.wait_for(self._connected(slot), _CONNECT_TIMEOUT_S)
        except (OSError, TimeoutError) as error:
            self._connecting.pop(slot)
            self.fail(ErrorKind.CONNECT, "", _why(error).encode())
            self.back_off(lambda: self._fill(slot))
            return
        self._connecting.pop(slot)
        self.present[slot] = user
        user.over = slot >= self.wanted
        self._loop.call_later(settle_s, user.next)

    def _fill(self, slot: int, *, settle_s: float = 0.0) -> None:
        """Bring a user. Those who come together each settle in at another point of a round trip."""
        if slot < self.wanted and slot not in self._connecting and slot not in self.present:
            self._connecting[slot] = self._loop.create_task(self._connect(slot, settle_s))

    async def _connected(self, slot: int) -> User:
        family, address = self._address
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.sock_connect(sock, address)
            user = User(self, slot, sock, self._random)
            await self._loop.create_connection(lambda: user, sock=sock)
        except BaseException:
            sock.close()
            raise
        return user


def _why(error: OSError | TimeoutError) -> str:
    if error.errno is None:
        return f"no connection within {_CONNECT_TIMEOUT_S:g} s"
    return os.strerror(error.errno)
