"""Outlet: report lines to stdout without ever holding up the users for a slow reader."""

import asyncio
import os
import stat
from collections.abc import Callable


class Outlet:
    def __init__(self, loop: asyncio.AbstractEventLoop, handle: int) -> None:
        self._loop = loop
        self._handle = handle
        #: Called when nobody reads any more.
        self.on_broken: Callable[[], None] = lambda: None
        self._rest = bytearray()
        self._empty = asyncio.Event()
        self._empty.set()
        if stat.S_ISFIFO(os.fstat(handle).st_mode):
            os.set_blocking(handle, False)

    def write(self, line: bytes) -> None:
        waiting = bool(self._rest)
        self._rest += line
        if not waiting:
            self._flush()
            if self._rest:
                self._empty.clear()
                self._loop.add_writer(self._handle, self._flush)

    async def drained(self) -> None:
        await self._empty.wait()

    def _flush(self) -> None:
        try:
            while self._rest:
                del self._rest[: os.write(self._handle, self._rest)]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._rest.clear()
            self.on_broken()
        if not self._empty.is_set():
            self._loop.remove_writer(self._handle)
            self._empty.set()
