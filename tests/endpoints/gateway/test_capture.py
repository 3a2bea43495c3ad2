"""The queue between answers and the disk: bounded, and never waited for."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from consoleapp.metrics.line import Sample
from endpoints.capture import spool
from endpoints.capture.counts import DROPPED
from endpoints.capture.record import Record
from endpoints.capture.spool import Spool
from endpoints.gateway.capture import Capture, Captures
from tests.endpoints.capture.test_plan import config
from tests.endpoints.capture.test_spool import read
from tests.endpoints.gateway.rig import until


class Kept:
    """Captures into a folder, stopped as the gateway stops them."""

    def __init__(self, folder: Path, **bounds: int) -> None:
        self.folder = folder
        self.samples: list[Sample] = []
        self.captures = Captures(Spool(folder), self._take, **bounds)
        self.stopped = asyncio.Event()
        self.running = asyncio.create_task(self.captures.run(self.stopped))

    def _take(self, samples: Sequence[Sample]) -> None:
        self.samples.extend(samples)

    def of(self, variant: str = "v1", **changes: object) -> Capture | None:
        text = json.dumps(config(**changes))
        return self.captures.of("123456789012", "us-east-1", "ep", variant, text)

    async def stop(self) -> list[Record]:
        self.stopped.set()
        await self.running
        return [record for path in spool.deliverable(self.folder) for record in read(path)[1]]


@pytest_asyncio.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    made = Kept(tmp_path)
    yield made
    await made.stop()


def some(body: bytes = b"1") -> Record:
    return Record(1e9, b"id", body, b"2")


async def test_what_is_captured_is_on_disk_when_the_gateway_has_stopped(kept: Kept) -> None:
    capture = kept.of()
    assert capture is not None
    for number in range(50):
        capture.add(some(str(number).encode()))
    written = await kept.stop()
    assert [record.input for record in written] == [str(n).encode() for n in range(50)]
    assert kept.samples == []


async def test_what_finds_no_room_is_dropped_counted_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept(tmp_path, most=10_000)
    capture = kept.of()
    assert capture is not None
    for _ in range(20):
        capture.add(some(b"x" * 3_000))
    await until(lambda: kept.samples)
    assert len(await kept.stop()) == 2
    (sample,) = kept.samples
    assert (sample.name, sample.total) == (DROPPED, 18)
    assert sample.dimensions == {"EndpointName": "ep", "VariantName": "v1"}
    assert "18 captured records of ep/v1 were dropped" in caplog.text


async def test_room_comes_back_once_the_queue_is_written(tmp_path: Path) -> None:
    kept = Kept(tmp_path, most=10_000)
    capture = kept.of()
    assert capture is not None
    for _ in range(5):
        capture.add(some(b"x" * 6_000))
        await until(lambda: not kept.captures._size)
    assert len(await kept.stop()) == 5


async def test_a_percentage_is_a_share_of_the_invocations(kept: Kept) -> None:
    some_of, all_of = kept.of(InitialSamplingPercentage=25), kept.of(InitialSamplingPercentage=100)
    assert some_of is not None
    assert all_of is not None
    # Binomial, six standard deviations around 1000.
    assert 835 < sum(some_of.draw() for _ in range(4_000)) < 1_165
    assert all(all_of.draw() for _ in range(100))


async def test_a_configuration_that_makes_no_sense_captures_nothing(kept: Kept) -> None:
    assert kept.of(EnableCapture=False) is None
    assert kept.captures.of("1", "r", "ep", "v", '{"EnableCapture": true}') is None


async def test_a_batch_that_fails_does_not_end_the_capture(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    capture = kept.of()
    assert capture is not None
    with monkeypatch.context() as patched:
        patched.setattr(Spool, "write", broken)
        capture.add(some())
        await until(lambda: kept.samples)
    assert kept.samples[0].total == 1
    capture.add(some(b"after"))
    assert [record.input for record in await kept.stop()] == [b"after"]
