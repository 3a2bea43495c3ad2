"""Invocations that are captured, through a gateway on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from endpoints.capture import spool
from endpoints.capture.counts import DROPPED
from endpoints.capture.record import Record
from endpoints.capture.spool import Spool
from endpoints.gateway.capture import Captures
from endpoints.gateway.gateway import Gateway
from endpoints.gateway.refusals import BODY_LIMIT
from tests.endpoints.capture.test_plan import config
from tests.endpoints.capture.test_spool import read
from tests.endpoints.gateway.rig import TOKEN, Rig, Seen, reply, until, variant


class CapturingRig(Rig):
    def __init__(self, folder: Path, **bounds: int) -> None:
        super().__init__()
        self.folder = folder
        self.captures = Captures(Spool(folder), self.samples.extend, **bounds)
        self.gateway = Gateway(token=TOKEN, emit=self.samples.extend, captures=self.captures)
        self.stopped = asyncio.Event()

    async def captured(self) -> dict[str, list[Record]]:
        """By variant, all that was captured so far."""
        self.stopped.set()
        await self.captures.run(self.stopped)
        found: dict[str, list[Record]] = {}
        for path in spool.deliverable(self.folder):
            place, records = read(path)
            found.setdefault(place.variant, []).extend(records)
        return found


@pytest_asyncio.fixture
async def rig(tmp_path: Path) -> AsyncIterator[CapturingRig]:
    rig = CapturingRig(tmp_path)
    await rig.start()
    yield rig
    await rig.stop()


@pytest_asyncio.fixture
async def tight(tmp_path: Path) -> AsyncIterator[CapturingRig]:
    """One that has room for 10 kB."""
    rig = CapturingRig(tmp_path, most=10_000)
    await rig.start()
    yield rig
    await rig.stop()


class Pieces:
    """A model whose answers come in a long piece and, once the test lets it, a short one."""

    def __init__(self, size: int, *, ends: bool = True) -> None:
        self.size = size
        self.ends = ends
        self.go_on = asyncio.Event()

    async def __call__(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"%x\r\n%b\r\n" % (self.size, b"x" * self.size))
        await writer.drain()
        await self.go_on.wait()
        if self.ends:
            writer.write(b"1\r\ny\r\n0\r\n\r\n")
        else:
            writer.close()


def capturing(**changes: Any) -> dict[str, Any]:
    return {"capture": config(InitialSamplingPercentage=100, **changes)}


async def test_request_and_answer_are_captured_under_the_id_the_client_got(
    rig: CapturingRig,
) -> None:
    model = await rig.model(reply(b"0.5", Content_Type="text/csv; charset=utf-8"))
    rig.publish(variant(model, **capturing()))
    headers = [
        "Content-Type: text/csv",
        "X-Amzn-SageMaker-Inference-Id: mine",
        "X-Amzn-SageMaker-Custom-Attributes: tenant=a",
    ]
    answer = await rig.ask(b"1,2,3", headers=headers)
    assert answer.body == b"0.5"
    (record,) = (await rig.captured())["v1"]
    assert (record.input, record.input_type) == (b"1,2,3", b"text/csv")
    assert (record.output, record.output_type) == (b"0.5", b"text/csv; charset=utf-8")
    assert record.event_id.decode() == answer.headers["x-amzn-requestid"]
    assert (record.inference_id, record.custom_attributes) == (b"mine", b"tenant=a")


async def test_only_the_sides_that_are_asked_for_are_captured(rig: CapturingRig) -> None:
    rig.publish(variant(await rig.model(), **capturing(CaptureOptions=[{"CaptureMode": "Output"}])))
    await rig.ask(b"1")
    (record,) = (await rig.captured())["v1"]
    assert (record.input, record.output) == (None, b"0.5")


async def test_an_answer_in_pieces_and_a_stream_are_captured_whole(rig: CapturingRig) -> None:
    async def in_pieces(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"a" * 10, b"b" * 10):
            writer.write(b"a\r\n" + piece + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    rig.publish(variant(await rig.model(in_pieces), **capturing()))
    await rig.ask(b"1")
    await rig.ask(b"2", action="invocations-response-stream")
    records = (await rig.captured())["v1"]
    assert [record.output for record in records] == [b"a" * 10 + b"b" * 10] * 2
    assert [record.input for record in records] == [b"1", b"2"]


async def test_what_the_model_failed_at_is_not_captured(rig: CapturingRig) -> None:
    rig.publish(variant(await rig.model(reply(b"no", 500)), **capturing()))
    assert (await rig.ask()).status == 424
    assert await rig.captured() == {}


async def test_the_copy_a_shadow_gets_is_captured_under_the_shadows_name(
    rig: CapturingRig,
) -> None:
    shadow = await rig.model(reply(b"0.7"))
    rig.publish(
        variant(await rig.model(), **capturing()),
        variant(shadow, name="s", shadow=True, **capturing()),
    )
    await rig.ask(b"1")
    await until(lambda: rig.counted("Invocations", "s"))
    found = await rig.captured()
    assert {name: [one.output for one in records] for name, records in found.items()} == {
        "v1": [b"0.5"],
        "s": [b"0.7"],
    }


async def test_a_variant_without_capture_leaves_nothing(rig: CapturingRig) -> None:
    rig.publish(variant(await rig.model()))
    assert (await rig.ask()).status == 200
    assert await rig.captured() == {}
    assert list(rig.folder.iterdir()) == []


async def test_an_answer_that_is_not_captured_may_be_of_any_length(rig: CapturingRig) -> None:
    body = bytes(BODY_LIMIT + 1)
    only_input = capturing(CaptureOptions=[{"CaptureMode": "Input"}])
    rig.publish(variant(await rig.model(reply(body)), **only_input))
    assert len((await rig.ask(b"1")).body) == len(body)
    (record,) = (await rig.captured())["v1"]
    assert (record.input, record.output) == (b"1", None)


async def test_an_answer_in_pieces_that_finds_no_room_is_dropped_and_counted(
    tight: CapturingRig, caplog: pytest.LogCaptureFixture
) -> None:
    model = Pieces(16_000)
    model.go_on.set()
    tight.publish(variant(await tight.model(model), **capturing()))
    assert len((await tight.ask(b"1")).body) == 16_001
    model.size = 1
    await tight.ask(b"2")
    (record,) = (await tight.captured())["v1"]
    assert (record.input, record.output) == (b"2", b"xy")
    assert tight.counted(DROPPED) == 1
    assert "1 captured records of ep/v1 were dropped" in caplog.text


async def test_all_answers_that_arrive_in_pieces_share_the_room(tight: CapturingRig) -> None:
    first, second = Pieces(6_000), Pieces(6_000)
    tight.publish(
        variant(await tight.model(first), name="v1", **capturing()),
        variant(await tight.model(second), name="v2", **capturing()),
    )
    target = "X-Amzn-SageMaker-Target-Variant: {}"
    asked = asyncio.create_task(tight.ask(headers=[target.format("v1")]))
    await until(lambda: tight.captures._size > 6_000)
    second.go_on.set()
    assert len((await tight.ask(headers=[target.format("v2")])).body) == 6_001
    first.go_on.set()
    assert len((await asked).body) == 6_001
    assert list(await tight.captured()) == ["v1"]
    assert tight.counted(DROPPED, "v2") == 1


async def test_what_breaks_off_gives_its_room_back(tight: CapturingRig) -> None:
    model = Pieces(6_000, ends=False)
    tight.publish(variant(await tight.model(model), **capturing()))
    asked = asyncio.create_task(tight.ask())
    await until(lambda: tight.captures._size > 6_000)
    model.go_on.set()
    await until(lambda: tight.captures._size == 0)
    await asyncio.wait([asked])
    assert isinstance(asked.exception(), asyncio.IncompleteReadError)
    assert await tight.captured() == {}
    assert tight.counted(DROPPED) == 0


async def test_a_stream_that_came_at_once_gives_its_room_back(tight: CapturingRig) -> None:
    tight.publish(variant(await tight.model(reply(b"x" * 6_000)), **capturing()))
    for _ in range(3):
        await tight.ask(action="invocations-response-stream")
        await until(lambda: tight.captures._waiting)
        await tight.captures._flush()
        assert tight.captures._size == 0
    assert len((await tight.captured())["v1"]) == 3
