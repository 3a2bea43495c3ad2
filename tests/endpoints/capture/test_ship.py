"""Captured data on its way to the team's bucket, in a real object store."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import logs
from consoleapp.metrics.line import Sample
from consoleapp.storage import clients, s3
from endpoints.capture import spool
from endpoints.capture.record import Record
from endpoints.capture.ship import ship_all
from endpoints.capture.spool import Place, Spool
from tests.endpoints.capture.test_plan import config
from tests.object_store import ObjectStore

pytestmark = pytest.mark.django_db(databases=["default", "metrics"], transaction=True)

AT = 1_644_859_549.7


class Ingest:
    """Listens as the metrics ingest does, and reads what it was sent at the end."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def samples(self) -> list[Sample]:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as stream:
            return [Sample.decode(line) for line in stream.readlines()[1:]]

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Ingest]:
    made = Ingest()
    with override_settings(STATE_DIR=tmp_path, INGEST_ADDRESS=made.address):
        yield made
    made.close()


@pytest.fixture
def bucket(object_store: ObjectStore, actor: Actor) -> str:
    return s3.default_bucket(actor)


def captured(actor: Actor, folder: Path, uri: str, *bodies: bytes) -> None:
    place = Place(
        actor.account_id, actor.region, "ep", "v1", json.dumps(config(DestinationS3Uri=uri))
    )
    spooled = Spool(folder / spool.CAPTURE_FOLDER)
    spooled.write([(place, Record(AT, b"id", body, b"0.5", b"text/csv")) for body in bodies])
    spooled.close()


def waiting(folder: Path) -> list[Path]:
    return spool.deliverable(folder / spool.CAPTURE_FOLDER)


def test_a_file_lies_where_aws_puts_it(
    ingest: Ingest, bucket: str, actor: Actor, tmp_path: Path
) -> None:
    captured(actor, tmp_path, f"s3://{bucket}/captured/", b"1,2", b"3,4")
    assert ship_all() == 1
    assert waiting(tmp_path) == []
    (found,) = clients.s3().list_objects_v2(Bucket=bucket)["Contents"]
    assert found["Key"].startswith("captured/ep/v1/2022/02/14/17/25-49-700-")
    assert found["Key"].endswith(".jsonl")
    lines = s3.get_bytes(actor, f"s3://{bucket}/{found['Key']}", 10_000).splitlines()
    modes = [json.loads(line)["captureData"]["endpointInput"]["mode"] for line in lines]
    assert modes == ["INPUT", "INPUT"]
    (sample,) = ingest.samples()
    assert (sample.name, sample.total) == ("DataCaptureRecords", 2)


def test_a_file_that_is_delivered_twice_is_there_once(
    ingest: Ingest, bucket: str, actor: Actor, tmp_path: Path
) -> None:
    captured(actor, tmp_path, f"s3://{bucket}/captured", b"1")
    (path,) = waiting(tmp_path)
    kept = path.read_bytes()
    ship_all()
    path.write_bytes(kept)
    ship_all()
    assert clients.s3().list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_another_teams_bucket_gets_nothing_and_the_endpoints_log_says_why(
    ingest: Ingest, bucket: str, charlie: Actor, tmp_path: Path
) -> None:
    captured(charlie, tmp_path, f"s3://{bucket}/captured", b"1", b"2")
    ship_all()
    assert waiting(tmp_path) == []
    assert "Contents" not in clients.s3().list_objects_v2(Bucket=bucket)
    (said,) = logs.tail(
        charlie.account_id, charlie.region, "/aws/sagemaker/Endpoints/ep", "data-capture", 5
    )
    assert said == f"2 captured records of v1 were dropped: The bucket {bucket} does not exist."
    (sample,) = ingest.samples()
    assert (sample.name, sample.total) == ("DataCaptureDropped", 2)


def test_a_store_that_is_away_makes_files_wait(
    ingest: Ingest, actor: Actor, bucket: str, tmp_path: Path
) -> None:
    captured(actor, tmp_path, f"s3://{bucket}/captured", b"1")
    with override_settings(S3_ENDPOINT_URL="http://127.0.0.1:9"):
        assert ship_all() == 0
    assert len(waiting(tmp_path)) == 1
    assert ship_all() == 1


def test_a_store_that_hangs_ends_the_round(
    ingest: Ingest, actor: Actor, bucket: str, tmp_path: Path
) -> None:
    for body in (b"1", b"2"):
        captured(actor, tmp_path, f"s3://{bucket}/captured", body)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        override_settings(S3_ENDPOINT_URL=f"http://127.0.0.1:{silent.getsockname()[1]}"),
    ):
        assert ship_all() == 0
    assert len(waiting(tmp_path)) == 2


def test_a_file_that_is_none_is_removed(
    ingest: Ingest, actor: Actor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / spool.CAPTURE_FOLDER
    folder.mkdir()
    (folder / "1-x.ready").write_bytes(b"no header\n")
    assert ship_all() == 1
    assert waiting(tmp_path) == []
    assert "1-x.ready is no file of captured data" in caplog.text
