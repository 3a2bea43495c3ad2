import asyncio

from tests.endpoints.gateway.rig import Rig, Seen, answer, reply, until, variant
from tests.services import free_port


async def test_connections_never_outnumber_what_may_be_in_flight(rig: Rig) -> None:
    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        writer.write(answer())

    model = await rig.model(slow)
    rig.publish(variant(model, max_in_flight=3))
    found = await asyncio.gather(*(rig.ask() for _ in range(20)))
    assert model.connections <= 3
    assert {each.status for each in found} == {200, 503}
    (pool,) = rig.gateway.fleet._pools.values()
    assert pool.outstanding == 0


async def test_what_is_in_flight_ends_after_its_instance_left_the_routes(rig: Rig) -> None:
    release = asyncio.Event()

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(answer(b"done"))

    leaving, staying = await rig.model(slow), await rig.model(reply(b"new"))
    rig.publish(variant(leaving))
    waiting = asyncio.create_task(rig.ask())
    await until(lambda: leaving.seen)
    rig.publish(variant(staying))
    assert (await rig.ask()).body == b"new"
    release.set()
    assert (await waiting).body == b"done"
    await until(lambda: not rig.gateway.fleet._retired)


async def test_an_instance_that_refused_comes_last_for_a_while(rig: Rig) -> None:
    model = await rig.model()
    rig.publish(variant(free_port(), model))
    for _ in range(4):
        assert (await rig.ask()).status == 200
    (dead, _) = rig.gateway.fleet.routes["123456789012/us-east-1/ep"].production[0].pools
    assert dead.down_until > 0
    assert dead.outstanding == 0


async def test_an_instance_that_comes_back_is_used_again(rig: Rig) -> None:
    port = free_port()
    rig.publish(variant(port))
    assert (await rig.ask()).status == 503
    model = await rig.model()
    await model.stop()
    await model.start(port)
    assert (await rig.ask()).status == 200
    (pool,) = rig.gateway.fleet._pools.values()
    assert pool.down_until == 0
