"""Captures sampled invocations: copies of references into a bounded queue, written by a thread.

An answer never waits for it. What finds no room is dropped and counted.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import random
from typing import Final

from consoleapp.metrics.line import Sample
from endpoints.capture.counts import DROPPED, counted
from endpoints.capture.plan import Plan
from endpoints.capture.record import Record
from endpoints.capture.spool import Place, Spool

logger = logging.getLogger(__name__)

#: Of bodies that wait to be written, and of answers that arrive in pieces.
MOST_WAITING: Final = 32 * 2**20
#: What a record costs beside its bodies, so that empty ones are bounded too.
_RECORD_SIZE: Final = 1024
_FLUSH_S: Final = 0.1


class Capture:
    """What is captured of one variant."""

    __slots__ = ("_captures", "_part", "_place", "plan")

    def __init__(self, captures: "Captures", place: Place, plan: Plan) -> None:
        self._captures = captures
        self._place = place
        self._part = plan.percent / 100
        self.plan = plan

    def draw(self) -> bool:
        """Whether this invocation is one of the sample."""
        return random() < self._part  # noqa: S311 - a share, not a secret

    def add(self, record: Record) -> None:
        self._captures.add(self._place, record)

    def lose(self) -> None:
        self._captures.lose(self._place, 1)

    def hold(self, size: int) -> bool:
        """Room for what is not a record yet; False where there is none."""
        return self._captures.hold(size)

    def release(self, size: int) -> None:
        self._captures.release(size)


class Captures:
    """What all variants share: the queue, and the task that empties it."""

    def __init__(
        self, spool: Spool, emit: Callable[[Sequence[Sample]], None], *, most: int = MOST_WAITING
    ) -> None:
        self._spool = spool
        self._emit = emit
        self._most = most
        self._waiting: list[tuple[Place, Record]] = []
        self._size = 0
        self._dropped: dict[Place, int] = {}
        self._next_report = 0.0

    def of(
        self, account: str, region: str, endpoint: str, variant: str, config: str
    ) -> Capture | None:
        """None when `config`, a DataCaptureConfig as JSON, captures nothing or makes no sense:
        what cannot be captured is served all the same."""
        try:
            plan = Plan.of_text(config)
        except (ValueError, KeyError, TypeError):
            logger.exception("the data capture of %s/%s cannot be read", endpoint, variant)
            return None
        if plan is None:
            return None
        return Capture(self, Place(account, region, endpoint, variant, config), plan)

    def add(self, place: Place, record: Record) -> None:
        if self.hold(record.size + _RECORD_SIZE):
            self._waiting.append((place, record))
        else:
            self.lose(place, 1)

    def hold(self, size: int) -> bool:
        if self._size + size > self._most:
            return False
        self._size += size
        return True

    def release(self, size: int) -> None:
        self._size -= size

    def lose(self, place: Place, count: int) -> None:
        self._dropped[place] = self._dropped.get(place, 0) + count

    async def run(self, stopped: asyncio.Event) -> None:
        """Writes until `stopped`, then once more what came last."""
        while not stopped.is_set():
            await asyncio.sleep(_FLUSH_S)
            await self._flush()
        await self._flush()
        await asyncio.to_thread(self._spool.close)

    async def _flush(self) -> None:
        if not self._waiting and not self._spool.is_open and not self._dropped:
            return
        taken, self._waiting = self._waiting, []
        try:
            dropped = await asyncio.to_thread(self._write, taken)
        except Exception:
            # One bad batch must not end the capture of all.
            logger.exception("a batch of captured data is lost")
            dropped = dict(Counter(place for place, _ in taken))
        # Only now: what a slow disk holds is in memory still.
        self.release(sum(record.size + _RECORD_SIZE for _, record in taken))
        for place, count in dropped.items():
            self.lose(place, count)
        self._report()

    def _write(self, taken: list[tuple[Place, Record]]) -> dict[Place, int]:
        dropped = self._spool.write(taken) if taken else {}
        self._spool.close_due()
        return dropped

    def _report(self) -> None:
        """Once a second at most, however many were dropped."""
        now = time.time()
        if not self._dropped or now < self._next_report:
            return
        self._next_report = now + 1.0
        dropped, self._dropped = self._dropped, {}
        for place, count in dropped.items():
            logger.warning(
                "%d captured records of %s/%s were dropped: there is no room for them",
                *(count, place.endpoint, place.variant),
            )
        self._emit([counted(place, DROPPED, count, int(now)) for place, count in dropped.items()])
