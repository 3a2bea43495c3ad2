"""The delivery as Celery runs it."""

from pathlib import Path

import pytest
from django.test import override_settings
from redis import Redis

from endpoints.capture import spool, tasks
from endpoints.capture.record import Record
from endpoints.capture.spool import Place, Spool
from tests.services import free_port


@pytest.fixture
def broken_file(tmp_path: Path) -> Path:
    """One that a delivery removes without asking any store."""
    spooled = Spool(tmp_path / spool.CAPTURE_FOLDER)
    spooled.write([(Place("1", "r", "ep", "v1", "no JSON"), Record(1e9, b"id", b"1", b"2"))])
    spooled.close()
    (path,) = spool.deliverable(tmp_path / spool.CAPTURE_FOLDER)
    return path


def test_only_one_delivers_at_a_time(tmp_path: Path, redis: Redis, broken_file: Path) -> None:
    redis.set("endpoints:capture", 1)
    with override_settings(STATE_DIR=tmp_path, INGEST_ADDRESS=f"127.0.0.1:{free_port()}"):
        tasks.ship()
        assert broken_file.exists()
        redis.delete("endpoints:capture")
        tasks.ship()
        assert not broken_file.exists()
    assert redis.get("endpoints:capture") is None
