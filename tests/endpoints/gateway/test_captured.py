"""Invocations that are captured, through a gateway on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from endpoints.capture import spool
from endpoints.capture.record import Record
from endpoints.capture.spool import Spool
from endpoints.gateway.capture import Captures
from endpoints.gateway.gateway import Gateway
from endpoints.gateway.refusals import BODY_LIMIT
from tests.endpoints.capture.test_plan import config
from tests.endpoints.capture.test_spool import read
from tests.endpoints.gateway.rig import TOKEN, Rig, Seen, reply, until, variant


class CapturingRig(Rig):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.captures = Captures(Spool(folder), self.samples.extend)
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
