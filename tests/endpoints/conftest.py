"""A Redis of the test run, and a host that starts nothing."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client
from celery import current_app

from consoleapp.processes import ports
from consoleapp.processes import redis as redis_server
from endpoints import convergence, store
from endpoints.hosts import registry
from endpoints.hosts.fake import FakeRunner


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = ports.choose(["redis"])["redis"]
    command = redis_server.command(
        directory=tmp_path_factory.mktemp("redis"), port=port, password="of-the-tests"
    )
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        url = f"redis://:of-the-tests@127.0.0.1:{port}/0"
        _wait_until_it_answers(url)
        yield url
        process.terminate()


def _wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 10
    with redis_client.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis_client.ConnectionError:
                assert time.monotonic() < deadline, "the Redis of the tests does not answer"
                time.sleep(0.02)
            else:
                return


@pytest.fixture
def redis(redis_url: str, settings: object) -> Iterator[redis_client.Redis]:
    """Empty at the start of each test that asks for it."""
    settings.REDIS_URL = redis_url  # type: ignore[attr-defined]
    broker = current_app.conf.broker_url
    current_app.conf.broker_url = redis_url
    store.client.cache_clear()
    with store.client() as client:
        client.flushall()
        yield client
    store.client.cache_clear()
    current_app.conf.broker_url = broker


@pytest.fixture
def fake(
    redis: redis_client.Redis,
    tmp_path: Path,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FakeRunner]:
    """New endpoints run on it; leaving instances are stopped without a pause."""
    settings.INSTANCES_DIR = tmp_path / "instances"  # type: ignore[attr-defined]
    monkeypatch.setattr(registry, "DEFAULT", "fake")
    monkeypatch.setattr(convergence, "DRAIN_S", 0.0)
    registry.runner.cache_clear()
    yield registry.runner("fake")  # type: ignore[misc]
    registry.runner.cache_clear()
