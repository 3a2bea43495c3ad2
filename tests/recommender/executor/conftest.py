"""What the executor stands on in tests: a gateway and a payload archive that are not there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recommender.executor.stand_in import StandIn, standing_in


@pytest.fixture
def stand_in(settings: Any, tmp_path: Path) -> Iterator[StandIn]:
    with standing_in() as state:
        settings.GATEWAY_URL = state.url
        settings.ALLOW_PRIVATE_PAYLOAD_ADDRESSES = True
        settings.STATE_DIR = tmp_path / "state"
        yield state
