"""An endpoint that the table in memory lacks is looked up once more before it is refused.

The console publishes an endpoint before it says InService, and a gateway loads it a moment later:
a caller who has read InService may be quicker than that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from redis.exceptions import RedisError

from endpoints.gateway.client import ClientConnection

_PATIENCE_S: Final = 1.0
#: Callers of endpoints that are not there are no burden: beyond these they are refused at once.
_MOST: Final = 64


class Doubt:
    """Holds the client's place, as an exchange does, until it is known what there is for it."""

    __slots__ = ("is_over",)

    def __init__(self) -> None:
        self.is_over = False

    def client_left(self) -> None:
        self.is_over = True

    def client_resumed(self) -> None:
        """Nothing has been written to it yet."""


class Doubts:
    """`take` gets an entry that was found: its key in the table, and the entry."""

    def __init__(self, take: Callable[[str, bytes], None]) -> None:
        #: Asks Redis for the entry of a key; None while Redis is away.
        self.look: Callable[[str], Awaitable[bytes | None]] | None = None
        self._take = take
        self._open: set[asyncio.Task[None]] = set()

    def raise_for(self, client: ClientConnection, key: str, go_on: Callable[[], None]) -> bool:
        """Whether the key is looked up: then `go_on` is called, unless the client leaves before."""
        if self.look is None or len(self._open) >= _MOST:
            return False
        client.exchange = doubt = Doubt()
        task = asyncio.get_running_loop().create_task(self._settle(doubt, client, key, go_on))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return True

    async def _settle(
        self, doubt: Doubt, client: ClientConnection, key: str, go_on: Callable[[], None]
    ) -> None:
        found = await self._found(key)
        if doubt.is_over:
            return
        client.exchange = None
        if found is not None:
            self._take(key, found)
        go_on()

    async def _found(self, key: str) -> bytes | None:
        if self.look is None:
            return None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self.look(key)
        except (RedisError, OSError, TimeoutError):
            return None
