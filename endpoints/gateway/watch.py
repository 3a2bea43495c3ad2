"""Keeps the routes and keys of the gateway as Redis has them; without Redis, as they were."""

import asyncio
import contextlib
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from endpoints.gateway.gateway import Gateway

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

logger = logging.getLogger(__name__)

ROUTES: Final = "gateway:routes"
KEYS: Final = "gateway:keys"
REVISION: Final = "gateway:revision"
CHANNEL: Final = "gateway:changed"
#: A message can be lost, so the revision is looked at as often as this.
POLL_S: Final = 1.0
_RETRY_S: Final = 0.5
_ANSWER_S: Final = 3.0


async def watch(gateway: Gateway, redis_url: str, stopped: asyncio.Event) -> None:
    """Ends within a poll of `stopped`. While Redis is away the gateway serves from memory.

    Asked to end rather than cancelled: the client loses a cancellation that meets a failing
    connection, and leaves that connection open.
    """
    while not stopped.is_set():
        redis = Redis.from_url(
            redis_url,
            socket_timeout=_ANSWER_S,
            socket_connect_timeout=_ANSWER_S,
            # The client's own retries wait longer and longer; this loop does not.
            retry=Retry(NoBackoff(), 0),
        )
        try:
            await _follow(gateway, redis, stopped)
        except (RedisError, OSError) as error:
            logger.warning("Redis does not answer, serving from memory: %s", error)
        finally:
            gateway.doubts.look = None
            with contextlib.suppress(RedisError, OSError):
                await redis.aclose()
        await asyncio.sleep(_RETRY_S)


async def _follow(gateway: Gateway, redis: "Redis", stopped: asyncio.Event) -> None:
    async with redis.pubsub(ignore_subscribe_messages=True) as changes:
        # Subscribed before the first load, so that no change falls in between.
        await changes.subscribe(CHANNEL)
        gateway.doubts.look = partial(_entry, redis)
        seen: bytes | str | None = None
        while not stopped.is_set():
            revision = await redis.get(REVISION)
            if revision != seen or not gateway.is_ready:
                await _load(gateway, redis, revision)
                seen = revision
            await _wait_for_news(changes)


async def _load(gateway: Gateway, redis: "Redis", revision: bytes | str | None) -> None:
    if revision is None and gateway.fleet.routes:
        # A Redis that lost everything is no reason to drop what is being served: the console
        # publishes again, and that raises the revision.
        logger.warning("Redis has no route table: keeping the one in memory")
        return
    async with redis.pipeline(transaction=True) as together:
        together.hgetall(ROUTES)
        together.hgetall(KEYS)
        routes, keys = await together.execute()
    gateway.fleet.replace(routes)
    gateway.keyring.replace(keys)
    gateway.is_ready = True


async def _entry(redis: "Redis", key: str) -> bytes | None:
    found = await redis.hget(ROUTES, key)
    return found.encode() if isinstance(found, str) else found


async def _wait_for_news(changes: "PubSub") -> None:
    await changes.get_message(timeout=POLL_S)
