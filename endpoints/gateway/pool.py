"""One instance: its kept-alive connections and how many invocations are in flight on it."""

import asyncio
import logging
from time import perf_counter
from typing import TYPE_CHECKING, Final

from endpoints.gateway.upstream import Upstream
from endpoints.routing.table import InstanceRoute

if TYPE_CHECKING:
    from endpoints.gateway.exchange import Exchange

logger = logging.getLogger(__name__)

# Below the shortest keep-alive of common model servers (gunicorn's 2 s): a connection that its
# server may be closing at this moment is not used, so a POST is never lost in between.
IDLE_S: Final = 1.5
CONNECT_S: Final = 1.0
#: How long an instance that refused a connection comes last.
DOWN_S: Final = 1.0


class Pool:
    """Connections never outnumber invocations in flight, which `limit` bounds."""

    __slots__ = (
        "_connecting",
        "connections",
        "down_until",
        "host_line",
        "idle",
        "instance",
        "limit",
        "outstanding",
        "retired",
    )

    def __init__(self, instance: InstanceRoute, limit: int) -> None:
        self.instance = instance
        self.limit = limit
        self.outstanding = 0
        self.down_until = 0.0
        #: Out of the routes: what is in flight ends, nothing is kept.
        self.retired = False
        self.connections: set[Upstream] = set()
        #: Least recently used first.
        self.idle: list[Upstream] = []
        self.host_line = (
            f"POST /invocations HTTP/1.1\r\nHost: {instance.host}:{instance.port}\r\n".encode()
        )
        self._connecting: set[asyncio.Task[None]] = set()

    def start(self, exchange: "Exchange") -> None:
        """Sends the exchange on an idle connection or a new one; the caller saw room for it."""
        self.outstanding += 1
        now = perf_counter()
        while self.idle:
            upstream = self.idle.pop()
            if upstream.idle_since > now - IDLE_S and not upstream.transport.is_closing():
                upstream.send(exchange, now)
                return
            upstream.close()
        task = asyncio.get_running_loop().create_task(self._connect(exchange))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, exchange: "Exchange") -> None:
        address = self.instance
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, upstream = await loop.create_connection(
                    lambda: Upstream(self), address.host, address.port
                )
        except OSError as error:
            self._note_down(error)
            exchange.unreached()
        else:
            self.down_until = 0.0
            upstream.send(exchange, perf_counter())

    def _note_down(self, error: OSError) -> None:
        self.outstanding -= 1
        if not self.down_until:
            name = self.instance.name
            logger.warning("%s does not accept a connection: %s", name, error or "timeout")
        self.down_until = perf_counter() + DOWN_S

    def ended(self, upstream: Upstream, *, reusable: bool) -> None:
        """An exchange is over; its connection is kept where it can serve another."""
        self.outstanding -= 1
        if reusable and not self.retired:
            self.idle.append(upstream)
        else:
            upstream.close()

    def lost(self, upstream: Upstream) -> None:
        self.connections.discard(upstream)
        if upstream in self.idle:
            self.idle.remove(upstream)

    def retire(self) -> None:
        self.retired = True
        self._close_idle(len(self.idle))

    def sweep(self, now: float) -> None:
        """Ends exchanges past their deadline and connections idle for too long."""
        for upstream in tuple(self.connections):
            upstream.check_deadline(now)
        stale = 0
        while stale < len(self.idle) and self.idle[stale].idle_since < now - IDLE_S:
            stale += 1
        self._close_idle(stale)

    def _close_idle(self, count: int) -> None:
        leaving, self.idle = self.idle[:count], self.idle[count:]
        for upstream in leaving:
            upstream.close()

    @property
    def is_empty(self) -> bool:
        return not self.connections and not self._connecting
