"""A real object store for tests: one SeaweedFS a session, on free loopback ports."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from django.test import override_settings

from consoleapp.processes import ports as free_ports
from consoleapp.storage import clients, server

SECRET = "a secret of the tests"


class ObjectStore:
    """Data outlives `kill`; the next `start` takes other ports."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.url = ""
        self.ports: dict[str, int] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.ports = free_ports.choose(server.PORTS)
        configuration = self.directory / "conf"
        for each in (configuration, self.directory / "data"):
            each.mkdir(parents=True, exist_ok=True)
        server.write_configuration(
            configuration, access_key="tests", secret=SECRET, signing_key="signed"
        )
        self.url = f"http://127.0.0.1:{self.ports['s3']}"
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                server.command(self.directory / "data", self.ports, configuration),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        server.remove_sockets(self.ports)

    def listening(self) -> set[tuple[str, int]]:
        assert self._process is not None
        found = psutil.Process(self._process.pid).net_connections("inet")
        return {tuple(each.laddr) for each in found if each.status == psutil.CONN_LISTEN}

    def settings(self) -> override_settings:
        return override_settings(
            S3_ENDPOINT_URL=self.url, S3_ACCESS_KEY="tests", S3_SECRET_KEY=SECRET
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, (self.directory / "log").read_text()[-3000:]
            try:
                with self.settings():
                    clients.s3().list_buckets()
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError((self.directory / "log").read_text()[-3000:])


@pytest.fixture(scope="session")
def running_object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    store = ObjectStore(tmp_path_factory.mktemp("objects"))
    store.start()
    yield store
    store.kill()


@pytest.fixture
def object_store(running_object_store: ObjectStore) -> Iterator[ObjectStore]:
    """The session's object store, emptied before the test, as the store of the settings."""
    with running_object_store.settings():
        _empty()
        yield running_object_store


def _empty() -> None:
    client = clients.s3()
    for bucket in client.list_buckets()["Buckets"]:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for found in page.get("Contents", []):
                client.delete_object(Bucket=bucket["Name"], Key=found["Key"])
        client.delete_bucket(Bucket=bucket["Name"])
