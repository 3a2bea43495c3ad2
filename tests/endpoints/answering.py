"""A real gateway in front of scripted models, on a thread: for tests that are not asynchronous."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from tests.endpoints.gateway.rig import TOKEN, Rig, Script, variant


class Answering:
    def __init__(self, loop: asyncio.AbstractEventLoop, rig: Rig) -> None:
        self.loop, self.rig = loop, rig

    def do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(20)

    def serve(self, endpoint: str = "e", **variants: Script) -> list[Any]:
        """The endpoint's variants by name, each answering as its script does."""

        async def publish() -> list[Any]:
            models = [await self.rig.model(script) for script in variants.values()]
            routes = [
                variant(model, name=name) for name, model in zip(variants, models, strict=True)
            ]
            self.rig.publish(*routes, endpoint=endpoint)
            return models

        return list(self.do(publish()))


@pytest.fixture
def answering(settings: Any) -> Iterator[Answering]:
    """settings.GATEWAY_URL is this gateway's while the test runs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def made() -> Rig:
        rig = Rig()
        await rig.start()
        return rig

    rig = asyncio.run_coroutine_threadsafe(made(), loop).result(20)
    settings.GATEWAY_URL = f"http://127.0.0.1:{rig.port}"
    settings.GATEWAY_TOKEN = TOKEN
    found = Answering(loop, rig)
    yield found
    found.do(rig.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()
