from collections.abc import AsyncIterator

import pytest_asyncio

from tests.endpoints.gateway.rig import Rig
from tests.services import redis_url

__all__ = ["redis_url"]  # empty for each test that asks for it


@pytest_asyncio.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    await rig.start()
    yield rig
    await rig.stop()
