"""One connection of a sender: reads the token, then sample lines, into the buffer."""

import asyncio
import hmac
import logging
import time
from dataclasses import dataclass, field
from typing import Final, cast

from consoleapp.metrics.buffer import Buffer
from consoleapp.metrics.line import Sample

logger = logging.getLogger(__name__)

LONGEST_LINE: Final = 512 * 1024
_TOKEN_WITHIN_S: Final = 5.0
# CloudWatch's own bounds for what may still be put.
_OLDEST_S: Final = 14 * 86_400
_NEWEST_S: Final = 2 * 3_600


@dataclass(slots=True)
class Intake:
    """What all connections share."""

    token: bytes
    buffer: Buffer
    connections: "set[Receiver]" = field(default_factory=set)
    bad_lines: int = 0
    last_problem: str = ""

    def accept(self, line: bytes, now: float) -> None:
        try:
            sample = Sample.decode(line)
            if not now - _OLDEST_S < sample.second < now + _NEWEST_S:
                raise ValueError("too old or in the future")
            self.buffer.add(sample)
        except ValueError as error:
            self.refuse(str(error))

    def refuse(self, problem: str) -> None:
        self.bad_lines += 1
        self.last_problem = problem

    def report(self) -> None:
        """Says once a second at most what was wrong, however many lines there were."""
        if self.bad_lines:
            logger.warning("%d lines were no samples: %s", self.bad_lines, self.last_problem)
        self.bad_lines = 0

    def resume(self) -> None:
        for receiver in self.connections:
            receiver.resume()

    def close(self) -> None:
        for receiver in list(self.connections):
            receiver.close()


class Receiver(asyncio.Protocol):
    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._transport: asyncio.Transport | None = None
        self._known = False
        self._rest = b""
        self._skipping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._intake.connections.add(self)
        asyncio.get_running_loop().call_later(_TOKEN_WITHIN_S, self._close_unless_known)

    def connection_lost(self, exc: Exception | None) -> None:
        # What is left has no end: its sender was cut off and sends the line anew.
        self._intake.connections.discard(self)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        now = time.time()
        for line in lines:
            self._take(line, now)
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""
            self._skipping = True
        if self._intake.buffer.full and self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _take(self, line: bytes, now: float) -> None:
        if self._skipping:
            self._skipping = False
            self._intake.refuse("longer than a line may be")
        elif self._known:
            self._intake.accept(line, now)
        elif hmac.compare_digest(line.strip(), self._intake.token):
            self._known = True
        else:
            self.close()

    def _close_unless_known(self) -> None:
        if not self._known:
            self.close()
