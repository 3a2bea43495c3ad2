"""A machine of known size, and the endpoints app's fake host, for the recommender's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoints import capacity
from recommender import catalog
from tests.endpoints.conftest import fake, redis

__all__ = ["fake", "machine_of", "redis", "two_cores"]


def machine_of(monkeypatch: pytest.MonkeyPatch, cores: int, ledger: Path) -> None:
    """This machine, as if it had that many cores: the ledger is the test's own."""
    monkeypatch.setenv("CORES", ",".join(str(number) for number in range(cores)))
    monkeypatch.setenv("CORE_LEDGER_DIR", str(ledger))
    forget()


def forget() -> None:
    for each in (capacity.cores, capacity.machine, catalog._scale):
        each.cache_clear()


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """One core for the platform, one to measure on: ml.c5.large is measured at one half."""
    machine_of(monkeypatch, 2, tmp_path / "ledger")
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def many_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """12 measurable cores."""
    machine_of(monkeypatch, 16, tmp_path / "ledger")
    yield
    monkeypatch.undo()
    forget()
