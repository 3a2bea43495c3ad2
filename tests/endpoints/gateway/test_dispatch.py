"""Which variant and which instance gets an invocation, and what happens when none can take it."""

import asyncio

from tests.endpoints.gateway.rig import Rig, Seen, answer, invocation, reply, until, variant
from tests.services import free_port


async def test_a_variants_weight_is_its_share_and_zero_is_none(rig: Rig) -> None:
    a, b, c = [await rig.model(reply(name)) for name in (b"a", b"b", b"c")]
    rig.publish(
        variant(a, name="a", weight=1),
        variant(b, name="b", weight=3),
        variant(c, name="c", weight=0),
    )
    wire = await rig.connect()
    for _ in range(400):
        wire.send(invocation())
        await wire.answer()
    assert len(a.seen) + len(b.seen) == 400
    # Binomial, six standard deviations around 100.
    assert 48 < len(a.seen) < 152
    assert c.seen == []


async def test_a_target_variant_overrides_weights(rig: Rig) -> None:
    rig.publish(
        variant(await rig.model(reply(b"a")), name="a", weight=1),
        variant(await rig.model(reply(b"b")), name="b", weight=0),
    )
    found = await rig.ask(headers=["X-Amzn-SageMaker-Target-Variant: b"])
    assert found.body == b"b"
    assert found.headers["x-amzn-invoked-production-variant"] == "b"


async def test_the_instance_with_fewer_in_flight_is_taken(rig: Rig) -> None:
    release = asyncio.Event()

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(answer(b"slow"))

    busy, free = await rig.model(slow), await rig.model()
    rig.publish(variant(busy))
    waiting = asyncio.create_task(rig.ask())
    await until(lambda: busy.seen)
    instances = [*variant(busy)["instances"], *variant(free)["instances"]]
    rig.publish({**variant(busy), "instances": instances})
    for _ in range(5):
        assert (await rig.ask()).body == b"0.5"
    release.set()
    assert (await waiting).body == b"slow"


async def test_a_full_instance_is_answered_503_at_once(rig: Rig) -> None:
    release = asyncio.Event()

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(answer())

    model = await rig.model(slow)
    rig.publish(variant(model, max_in_flight=2))
    waiting = [asyncio.create_task(rig.ask()) for _ in range(2)]
    await until(lambda: len(model.seen) == 2)
    refused = await rig.ask()
    assert (refused.status, refused.headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")
    release.set()
    assert [(await each).status for each in waiting] == [200, 200]
    assert (await rig.ask()).status == 200
    assert rig.counted("Invocation5XXErrors") == 1
    assert rig.counted("InvocationModelErrors") == 0


async def test_another_instance_is_asked_when_one_refuses_to_connect(rig: Rig) -> None:
    model = await rig.model()
    rig.publish(variant(free_port(), model))
    assert [(await rig.ask()).status for _ in range(6)] == [200] * 6


async def test_no_instance_that_connects_is_503(rig: Rig) -> None:
    rig.publish(variant(free_port(), free_port()))
    found = await rig.ask()
    assert (found.status, found.headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")
    rig.publish(variant())
    assert (await rig.ask()).status == 503


async def test_a_shadow_gets_a_copy_and_its_answer_is_ignored(rig: Rig) -> None:
    production, shadow = await rig.model(), await rig.model(reply(b"bad", 500))
    rig.publish(variant(production), variant(shadow, name="s", weight=1, shadow=True))
    found = await rig.ask(b"copied")
    assert (found.status, found.headers["x-amzn-invoked-production-variant"]) == (200, "v1")
    await until(lambda: shadow.seen)
    assert shadow.seen[0].body == b"copied"
    await until(lambda: rig.counted("Invocation5XXErrors", "s") == 1)
    assert rig.counted("Invocation5XXErrors", "v1") == 0


async def test_a_client_that_leaves_does_not_free_the_model(rig: Rig) -> None:
    release = asyncio.Event()

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(answer())

    model = await rig.model(slow)
    rig.publish(variant(model, max_in_flight=1))
    wire = await rig.connect()
    wire.send(invocation())
    await until(lambda: model.seen)
    wire.hang_up()
    await until(lambda: not rig.gateway._clients)
    assert (await rig.ask()).status == 503
    release.set()
    await until(lambda: rig.counted("Invocations") == 2)
    assert (await rig.ask()).status == 200
    assert model.connections == 1
