"""The route table as a real Redis publishes it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from endpoints.gateway.gateway import Gateway
from endpoints.gateway.watch import CHANNEL, KEYS, REVISION, ROUTES, watch
from tests.endpoints.gateway.rig import TOKEN, until, variant
from tests.services import RedisServer

KEY = "123456789012/us-east-1/ep"


def route(weight: float = 1) -> str:
    return json.dumps(
        {
            "account": "123456789012",
            "region": "us-east-1",
            "endpoint": "ep",
            "variants": [variant(4000, weight=weight)],
        }
    )


async def publish(redis: Redis, weight: float = 1, *, tell: bool = True) -> None:
    await redis.hset(ROUTES, KEY, route(weight))
    await redis.incr(REVISION)
    if tell:
        await redis.publish(CHANNEL, "routes")


@contextlib.asynccontextmanager
async def watching(url: str) -> AsyncIterator[Gateway]:
    gateway = Gateway(token=TOKEN, emit=lambda samples: None)
    stopped = asyncio.Event()
    task = asyncio.create_task(watch(gateway, url, stopped))
    try:
        yield gateway
    finally:
        stopped.set()
        async with asyncio.timeout(20):
            await task


def weight_of(gateway: Gateway) -> float | None:
    found = gateway.fleet.routes.get(KEY)
    return found.production[0].spec.weight if found else None


async def test_it_starts_with_what_is_there(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        await publish(redis)
        async with watching(redis_url) as gateway:
            await until(lambda: gateway.is_ready)
            assert weight_of(gateway) == 1


async def test_an_empty_table_is_a_table(redis_url: str) -> None:
    async with watching(redis_url) as gateway:
        await until(lambda: gateway.is_ready)
        assert gateway.fleet.routes == {}


@pytest.mark.parametrize("tell", [True, False])
async def test_a_change_arrives_by_message_and_without(redis_url: str, tell: bool) -> None:
    async with Redis.from_url(redis_url) as redis, watching(redis_url) as gateway:
        await until(lambda: gateway.is_ready)
        for weight in (2, 3):
            await publish(redis, weight, tell=tell)
            await until(lambda weight=weight: weight_of(gateway) == weight)


async def test_a_key_that_is_revoked_is_forgotten(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis, watching(redis_url) as gateway:
        await redis.hset(KEYS, "AKIA", json.dumps({"account": "1" * 12, "signing_keys": {}}))
        await redis.incr(REVISION)
        await until(lambda: gateway.keyring._keys)
        await redis.hdel(KEYS, "AKIA")
        await redis.incr(REVISION)
        await until(lambda: not gateway.keyring._keys)


async def test_routes_are_kept_while_redis_is_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = RedisServer(tmp_path)
    server.start()
    try:
        async with watching(server.url) as gateway:
            async with Redis.from_url(server.url) as redis:
                await publish(redis)
                await until(lambda: weight_of(gateway) == 1)
            server.stop()
            await until(lambda: "serving from memory" in caplog.text)
            assert weight_of(gateway) == 1
            server.start()
            async with Redis.from_url(server.url) as redis:
                await publish(redis, 5)
            await until(lambda: weight_of(gateway) == 5)
    finally:
        server.stop()


async def test_it_ends_while_redis_is_away(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    async with watching(server.url) as gateway:
        await until(lambda: gateway.is_ready)
        server.stop()


async def test_a_redis_that_lost_everything_does_not_empty_the_table(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Redis.from_url(redis_url) as redis, watching(redis_url) as gateway:
        await publish(redis)
        await until(lambda: weight_of(gateway) == 1)
        await redis.flushall()
        await redis.publish(CHANNEL, "routes")
        await until(lambda: "keeping the one in memory" in caplog.text)
        assert weight_of(gateway) == 1
        await publish(redis, 2)
        await until(lambda: weight_of(gateway) == 2)
