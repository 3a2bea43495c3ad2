"""Captured records between the gateway and S3."""

import json
import os
import time
from pathlib import Path

import pytest

from endpoints.capture import spool
from endpoints.capture.record import Record, decode_all
from endpoints.capture.spool import Place, Spool
from tests.endpoints.capture.test_plan import config

HOUR = 3600.0
NOON = 500_000 * HOUR


def place(variant: str = "v1") -> Place:
    return Place("123456789012", "us-east-1", "ep", variant, json.dumps(config()))


def record(at: float = NOON, body: bytes = b"1,2") -> Record:
    return Record(at, b"id", body, b"0.5", b"text/csv", b"text/csv")


def read(path: Path) -> tuple[Place, list[Record]]:
    header, _, rest = path.read_bytes().partition(b"\n")
    return Place.read(header), list(decode_all(rest))


def test_a_file_holds_what_one_variant_did(tmp_path: Path) -> None:
    spooled = Spool(tmp_path)
    assert spooled.write([(place(), record()), (place("v2"), record()), (place(), record())]) == {}
    spooled.close()
    found = dict(read(path) for path in spool.deliverable(tmp_path))
    assert {where.variant: len(records) for where, records in found.items()} == {"v1": 2, "v2": 1}
    assert found[place()][0] == record()


def test_a_file_is_handed_over_once_its_window_is_over(tmp_path: Path) -> None:
    spooled = Spool(tmp_path, window_s=0)
    spooled.write([(place(), record())])
    assert spool.deliverable(tmp_path) == []
    spooled.close_due()
    assert len(spool.deliverable(tmp_path)) == 1
    assert not spooled.is_open


def test_a_file_in_its_window_stays(tmp_path: Path) -> None:
    spooled = Spool(tmp_path)
    spooled.write([(place(), record())])
    spooled.close_due()
    assert spool.deliverable(tmp_path) == []
    assert spooled.is_open
    spooled.close()


def test_no_file_holds_records_of_two_hours(tmp_path: Path) -> None:
    spooled = Spool(tmp_path)
    spooled.write([(place(), record(NOON - 1)), (place(), record(NOON))])
    spooled.close()
    assert [len(read(path)[1]) for path in spool.deliverable(tmp_path)] == [1, 1]


def test_what_is_written_outlives_a_gateway_that_is_killed(tmp_path: Path) -> None:
    killed = Spool(tmp_path)
    killed.write([(place(), record())])
    (path,) = tmp_path.iterdir()
    assert spool.deliverable(tmp_path) == []
    long_ago = time.time() - 3600
    os.utime(path, (long_ago, long_ago))
    assert spool.deliverable(tmp_path) == [path]
    assert read(path) == (place(), [record()])
    killed.close()


def test_a_folder_that_is_full_takes_no_more_and_says_so(tmp_path: Path) -> None:
    spooled = Spool(tmp_path, most=10_000, look_s=0)
    big = record(body=b"x" * 6_000)
    assert spooled.write([(place(), big)] * 5) == {place(): 3}
    spooled.close()
    assert sum(len(read(path)[1]) for path in spool.deliverable(tmp_path)) == 2
    for path in tmp_path.iterdir():
        path.unlink()
    assert spooled.write([(place(), big)]) == {}
    spooled.close()


def test_a_folder_that_cannot_be_written_loses_records_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, where the folder should be")
    spooled = Spool(tmp_path / "taken")
    assert spooled.write([(place(), record())]) == {place(): 1}
    assert not spooled.is_open


def test_a_disk_that_takes_no_more_loses_the_batch_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spooled = Spool(tmp_path)
    spooled.write([(place(), record())])
    (path,) = tmp_path.iterdir()
    # Each write into the file fails from now on.
    os.close(spooled._files[place()].stream.fileno())
    assert spooled.write([(place(), record()), (place(), record())]) == {place(): 2}
    assert "captured data cannot be written" in caplog.text
    assert spooled.write([(place(), record())]) == {}
    spooled.close()
    assert read(path) == (place(), [record()])


def test_a_file_that_was_delivered_under_its_feet_is_no_trouble(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spooled = Spool(tmp_path)
    spooled.write([(place(), record())])
    (path,) = tmp_path.iterdir()
    path.unlink()
    spooled.close()
    assert "cannot be handed over" in caplog.text
    assert spooled.write([(place(), record())]) == {}
    spooled.close()
    assert len(spool.deliverable(tmp_path)) == 1
