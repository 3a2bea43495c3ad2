"""What the tests of the metrics share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consoleapp.metrics.live import LiveIngest


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with an empty metrics database, to be copied."""
    state = tmp_path_factory.mktemp("metrics") / "state"
    LiveIngest(state).migrate()
    return state


@pytest.fixture
def ingest(migrated: Path, tmp_path: Path) -> Iterator[LiveIngest]:
    """A running ingest process."""
    live = LiveIngest(tmp_path / "state")
    shutil.copytree(migrated, live.state, dirs_exist_ok=True)
    live.start()
    yield live
    live.kill()
