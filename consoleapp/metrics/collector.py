"""The ingest's loop: receives samples, looks at instances and their logs, writes once a second."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from django.db import connections

from consoleapp.metrics.buffer import Batch, Buffer
from consoleapp.metrics.receiver import Intake, Receiver
from consoleapp.metrics.sampler import Sampler
from consoleapp.metrics.series import SeriesName
from consoleapp.metrics.store import DATABASE, OUTAGES, SeriesIds, write_or_split
from consoleapp.metrics.tail import Tailer

logger = logging.getLogger(__name__)

_FORGET_IDS_S: Final = 3_600
# Senders stop together with us: what they still had on the way is waited for.
_LAST_WORDS_S: Final = 0.3


class Collector:
    def __init__(self, token: str, instances: Path) -> None:
        self._buffer = Buffer()
        self._intake = Intake(token.encode(), self._buffer)
        self._sampler = Sampler(instances)
        self._tailer = Tailer(instances)
        self._ids = SeriesIds()
        self._ids_since = time.monotonic()
        # One thread each: a slow write must not make a sample late, and Django's connection
        # belongs to the thread that opened it.
        self._writer = ThreadPoolExecutor(1, "writer")
        self._watcher = ThreadPoolExecutor(1, "sampler")
        self._stopping = asyncio.Event()

    async def run(self, host: str, port: int) -> None:
        """Serves until SIGTERM or SIGINT, then writes what it has."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        server = await loop.create_server(lambda: Receiver(self._intake), host, port)
        logger.info("metrics ingest listens on %s:%d", host, port)
        await asyncio.gather(self._each_second(self._sample), self._each_second(self._write))
        server.close()
        await asyncio.sleep(_LAST_WORDS_S)
        self._intake.close()
        await self._write()
        await loop.run_in_executor(self._writer, connections.close_all)

    async def _each_second(self, step: Callable[[], Coroutine[None, None, None]]) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(1.0 - time.time() % 1.0):
                    await self._stopping.wait()
            except TimeoutError:
                await self._guarded(step)

    async def _guarded(self, step: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            await step()
        except Exception:
            # One bad second must not end the metrics of all.
            logger.exception("a step of the metrics ingest failed")

    async def _sample(self) -> None:
        loop = asyncio.get_running_loop()
        self._buffer.add_all(await loop.run_in_executor(self._watcher, self._sampler.sample))

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        self._intake.report()
        batch, units = self._buffer.take()
        self._intake.resume()
        try:
            await loop.run_in_executor(self._writer, self._store, batch, units)
        except OUTAGES as error:
            logger.warning("the metrics database does not take a write, trying again: %s", error)
            self._buffer.put_back(batch, units)
        await loop.run_in_executor(self._writer, self._tailer.step)

    def _store(self, batch: Batch, units: dict[SeriesName, str]) -> None:
        if time.monotonic() - self._ids_since > _FORGET_IDS_S:
            self._ids.forget()
            self._ids_since = time.monotonic()
        try:
            write_or_split(batch, units, self._ids)
        except OUTAGES:
            connections[DATABASE].close()
            raise
