import asyncio

from tests.endpoints.gateway.rig import Rig, Seen, answer, invocation, reply, until, variant


async def test_health_is_well_once_the_first_table_is_there(rig: Rig) -> None:
    wire = await rig.connect()
    rig.gateway.is_ready = False
    wire.send(b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (await wire.answer()).status == 503
    rig.gateway.is_ready = True
    wire.send(b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (await wire.answer()).status == 200


async def test_an_endpoint_nobody_published_is_not_found(rig: Rig) -> None:
    rig.publish(variant(await rig.model()))
    found = await rig.ask(endpoint="other")
    assert (found.status, found.headers["x-amzn-errortype"]) == (400, "ValidationError")
    assert found.error["Message"] == "Endpoint other of account 123456789012 not found."


async def test_an_endpoint_that_is_being_deleted_is_not_found(rig: Rig) -> None:
    rig.publish(variant(await rig.model()), status="Deleting")
    assert (await rig.ask()).status == 400


async def test_a_variant_that_is_not_there_is_refused(rig: Rig) -> None:
    rig.publish(variant(await rig.model()))
    found = await rig.ask(headers=["X-Amzn-SageMaker-Target-Variant: purple"])
    assert (found.status, found.headers["x-amzn-errortype"]) == (400, "ValidationError")
    assert "purple" in found.error["Message"]


async def test_an_endpoint_without_weight_is_unavailable(rig: Rig) -> None:
    rig.publish(variant(await rig.model(), weight=0))
    found = await rig.ask()
    assert (found.status, found.headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")


async def test_no_two_requests_have_one_id(rig: Rig) -> None:
    ids = {rig.gateway.next_request_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(each) for each in ids} == {36}


async def test_a_weight_change_under_load_loses_no_request(rig: Rig) -> None:
    a, b = await rig.model(reply(b"a")), await rig.model(reply(b"b"))
    done = asyncio.Event()
    statuses: list[int] = []

    async def user() -> None:
        wire = await rig.connect()
        while not done.is_set():
            wire.send(invocation())
            statuses.append((await wire.answer()).status)

    rig.publish(variant(a, name="a", weight=1), variant(b, name="b", weight=1))
    users = [asyncio.create_task(user()) for _ in range(16)]
    for weight in (0, 3, 1, 0):
        reached = len(statuses) + 200
        await until(lambda reached=reached: len(statuses) >= reached)
        rig.publish(variant(a, name="a", weight=weight), variant(b, name="b", weight=1))
    settled = len(a.seen)
    reached = len(statuses) + 200
    await until(lambda: len(statuses) >= reached)
    done.set()
    await asyncio.gather(*users)
    assert set(statuses) == {200}
    # Those already on their way when the weight became 0 may still arrive.
    assert len(a.seen) - settled <= 16


async def test_counts_go_under_the_second_they_were_made_in(rig: Rig) -> None:
    rig.publish(variant(await rig.model()))
    await rig.ask()
    await until(lambda: rig.samples)
    names = {sample.name for sample in rig.samples}
    assert names == {
        "Invocations",
        "InvocationsPerInstance",
        "Invocation4XXErrors",
        "Invocation5XXErrors",
        "InvocationModelErrors",
        "ModelLatency",
        "OverheadLatency",
    }
    assert len({sample.second for sample in rig.samples}) == 1


async def test_draining_lets_requests_end_and_everyone_go(rig: Rig) -> None:
    release = asyncio.Event()

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(answer())

    model = await rig.model(slow)
    rig.publish(variant(model))
    idle, busy = await rig.connect(), await rig.connect()
    busy.send(invocation() + invocation())
    await until(lambda: model.seen)
    draining = asyncio.create_task(rig.gateway.drain(20))
    assert await idle.rest() == b""
    release.set()
    assert (await busy.answer()).status == 200
    last = await busy.answer()
    assert (last.status, last.headers["connection"]) == (200, "close")
    await draining


async def test_a_drain_has_an_end(rig: Rig) -> None:
    async def never(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    model = await rig.model(never)
    rig.publish(variant(model))
    wire = await rig.connect()
    wire.send(invocation())
    await until(lambda: model.seen)
    await rig.gateway.drain(0.01)
    assert await wire.rest() == b""
    await until(lambda: not rig.gateway._clients)
