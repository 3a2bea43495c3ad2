from collections.abc import AsyncIterator

import pytest_asyncio

from tests.endpoints.gateway.rig import Rig


@pytest_asyncio.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    await rig.start()
    yield rig
    await rig.stop()
