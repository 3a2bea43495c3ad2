"""Endpoints that the table in memory does not have, or does not have yet."""

import asyncio
import json

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisAway

from endpoints.gateway.watch import ROUTES, watch
from tests.endpoints.gateway.rig import ACCOUNT, REGION, Rig, invocation, until, variant

KEY = f"{ACCOUNT}/{REGION}/ep"


async def entry(rig: Rig) -> bytes:
    model = await rig.model()
    route = {"account": ACCOUNT, "region": REGION, "endpoint": "ep", "variants": [variant(model)]}
    return json.dumps(route).encode()


async def test_an_endpoint_that_was_published_a_moment_ago_is_served(
    rig: Rig, redis_url: str
) -> None:
    stopped = asyncio.Event()
    task = asyncio.create_task(watch(rig.gateway, redis_url, stopped))
    async with Redis.from_url(redis_url) as redis:
        await until(lambda: rig.gateway.doubts.look is not None)
        # Nobody is told, so the table in memory stays without it.
        await redis.hset(ROUTES, KEY, await entry(rig))
        assert (await rig.ask()).status == 200
        assert (await rig.ask(endpoint="other")).status == 400
    stopped.set()
    await task
    assert rig.gateway.doubts.look is None


async def test_without_redis_it_is_refused_at_once(rig: Rig) -> None:
    refused = await rig.ask()
    assert (refused.status, "not found" in refused.error["Message"]) == (400, True)


async def test_a_redis_that_fails_means_that_it_is_not_there(rig: Rig) -> None:
    async def look(key: str) -> bytes | None:
        raise RedisAway

    rig.gateway.doubts.look = look
    assert (await rig.ask()).status == 400


async def test_requests_sent_ahead_wait_for_it_in_order(rig: Rig) -> None:
    found, asked = await entry(rig), asyncio.Event()

    async def look(key: str) -> bytes | None:
        asked.set()
        await asyncio.sleep(0.05)
        return found if key == KEY else None

    rig.gateway.doubts.look = look
    wire = await rig.connect()
    wire.send(invocation(endpoint="other") + invocation() + invocation())
    await asked.wait()
    assert [(await wire.answer()).status for _ in range(3)] == [400, 200, 200]


async def test_nothing_is_done_for_a_client_that_left_meanwhile(rig: Rig) -> None:
    found, asked, answered = await entry(rig), asyncio.Event(), asyncio.Event()

    async def look(key: str) -> bytes | None:
        asked.set()
        await answered.wait()
        return found

    rig.gateway.doubts.look = look
    wire = await rig.connect()
    wire.send(invocation())
    await asked.wait()
    wire.hang_up()
    await until(lambda: not rig.gateway._clients)
    answered.set()
    await until(lambda: not rig.gateway.doubts._open)
    assert KEY not in rig.gateway.fleet.routes
    assert (await rig.ask()).status == 200


async def test_no_more_are_looked_up_at_once_than_there_is_room_for(rig: Rig) -> None:
    answered, looked = asyncio.Event(), 0

    async def look(key: str) -> bytes | None:
        nonlocal looked
        looked += 1
        await answered.wait()
        return None

    rig.gateway.doubts.look = look
    asking = [asyncio.create_task(rig.ask()) for _ in range(80)]
    await until(lambda: sum(task.done() for task in asking) == 16)
    assert looked == 64
    answered.set()
    assert {found.status for found in await asyncio.gather(*asking)} == {400}
