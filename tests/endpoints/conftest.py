"""A Redis of the test run, and a host that starts nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client
from celery import current_app

from endpoints import convergence, store
from endpoints.hosts import registry
from endpoints.hosts.fake import FakeRunner


@pytest.fixture
def redis(redis_url: str, settings: object) -> Iterator[redis_client.Redis]:
    """Empty at the start of each test that asks for it."""
    settings.REDIS_URL = redis_url  # type: ignore[attr-defined]
    broker = current_app.conf.broker_url
    _use_broker(redis_url)
    store.client.cache_clear()
    with store.client() as client:
        yield client
    store.client.cache_clear()
    _use_broker(broker)


def _use_broker(url: str) -> None:
    current_app.conf.broker_url = url
    # Celery keeps the pools of the first address it was asked to send to.
    current_app._pool = None
    current_app.amqp._producer_pool = None


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
