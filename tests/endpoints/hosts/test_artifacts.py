"""Model artifacts on this machine: fetched once, within their time, nothing left half-way."""

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.storage import clients
from consoleapp.storage.models import Bucket
from endpoints.hosts import artifacts
from endpoints.samples.archives import tar_gz

pytestmark = pytest.mark.django_db(transaction=True)

MODEL = tar_gz({"model.json": b"{}"})


class Site(BaseHTTPRequestHandler):
    """/model.tar.gz is an archive; the rest of /slow never comes."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(MODEL)))
        self.end_headers()
        if self.path == "/slow":
            self.wfile.write(MODEL[:20])
            self.wfile.flush()
            self.server.over.wait(60)  # type: ignore[attr-defined]
        else:
            self.wfile.write(MODEL)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Its address, in a console that may fetch from it and keeps its state in `tmp_path`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.over = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    folders = {"STATE_DIR": tmp_path, "INSTANCES_DIR": tmp_path / "instances"}
    with override_settings(**folders, ALLOW_PRIVATE_PAYLOAD_ADDRESSES=True):
        yield f"http://127.0.0.1:{server.server_address[1]}"
    server.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(actor: Actor, url: str, *, within_s: float = 60) -> Path:
    return artifacts.fetch(actor.account_id, actor.region, url, lambda _: None, within_s=within_s)


def left(tmp_path: Path) -> set[str]:
    return {path.suffix for path in (tmp_path / "models").iterdir()} - {".lock"}


def test_what_was_fetched_once_is_not_fetched_again(actor: Actor, site: str) -> None:
    said: list[str] = []
    for _ in range(2):
        url = f"{site}/model.tar.gz"
        folder = artifacts.fetch(actor.account_id, actor.region, url, said.append, within_s=60)
        assert [path.name for path in folder.iterdir()] == ["model.json"]
    assert said == [f"Fetching model {site}/model.tar.gz"]


def test_a_download_that_takes_longer_is_given_up_with_the_reason(
    actor: Actor, site: str, tmp_path: Path
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        fetch(actor, f"{site}/slow", within_s=0.5)
    assert refused.value.message == (
        f'Failed to download model data from URL: "{site}/slow" within 0.5 s'
        " (ModelDataDownloadTimeoutInSeconds)"
    )
    assert left(tmp_path) == set()
    assert fetch(actor, f"{site}/model.tar.gz").is_dir()


def test_so_is_one_from_a_store_that_says_nothing(actor: Actor, tmp_path: Path) -> None:
    # Its client tries again after an error of the network, which this is none of.
    Bucket.objects.create(name="b-ours", team=actor.team, region=actor.region)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with override_settings(STATE_DIR=tmp_path, S3_ENDPOINT_URL=address):
            # Made beforehand: the time is to run out while the store is silent.
            clients.s3()
            with pytest.raises(ValidationFailed, match="Failed to download model data"):
                fetch(actor, "s3://b-ours/m.tar.gz", within_s=0.5)


class Deaf:
    """What is raised while one of these goes is lost."""

    def __del__(self) -> None:
        time.sleep(60)


def wait_past_a_destructor() -> None:
    with artifacts._alarm(0.1):
        Deaf()
        time.sleep(60)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_time_that_runs_out_in_a_destructor_is_heard_of_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(artifacts, "_RINGS_AGAIN_S", 0.1)
    with pytest.raises(artifacts._TooLate):
        wait_past_a_destructor()


def test_waiting_for_another_that_fetches_it_counts_too(
    actor: Actor, site: str, tmp_path: Path
) -> None:
    folder = fetch(actor, f"{site}/model.tar.gz")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ValidationFailed, match="Failed to download model data"):
            fetch(actor, f"{site}/model.tar.gz", within_s=0.5)


def test_what_a_killed_download_left_is_removed_by_the_next(
    actor: Actor, site: str, tmp_path: Path
) -> None:
    folder = fetch(actor, f"{site}/model.tar.gz")
    folder.rename(folder.with_suffix(".4194305"))
    folder.with_suffix(".tar.gz").write_bytes(MODEL[:20])
    assert fetch(actor, f"{site}/model.tar.gz") == folder
    assert left(tmp_path) == {""}


def aged(folder: Path, *, days: float) -> Path:
    then = time.time() - days * 86_400
    os.utime(folder, (then, then))
    return folder


def test_a_model_that_nobody_has_fetched_for_a_week_is_removed(
    actor: Actor, site: str, tmp_path: Path
) -> None:
    old = aged(fetch(actor, f"{site}/model.tar.gz"), days=8)
    young = aged(fetch(actor, f"{site}/other.tar.gz"), days=6)
    left_over = old.with_suffix(".tar.gz")
    left_over.write_bytes(b"")
    aged(left_over, days=8)
    artifacts.remove_unused()
    assert left(tmp_path) == {""}
    assert (old.exists(), young.is_dir()) == (False, True)
    assert {path.stem for path in young.parent.glob("*.lock")} == {old.name, young.name}
    assert fetch(actor, f"{site}/model.tar.gz") == old


def test_a_model_that_an_instance_runs_stays(actor: Actor, site: str, tmp_path: Path) -> None:
    folder = aged(fetch(actor, f"{site}/model.tar.gz"), days=90)
    instance = tmp_path / "instances" / "one"
    instance.mkdir(parents=True)
    (instance / "prepared.json").write_text(json.dumps({"command": ["serve", str(folder)]}))
    artifacts.remove_unused()
    assert folder.is_dir()
    (instance / "prepared.json").unlink()
    artifacts.remove_unused()
    assert not folder.exists()


def test_without_any_model_there_is_nothing_to_remove(tmp_path: Path) -> None:
    with override_settings(STATE_DIR=tmp_path, INSTANCES_DIR=tmp_path / "instances"):
        artifacts.remove_unused()
