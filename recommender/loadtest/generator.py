"""The load generator process: `python -m recommender.loadtest.generator PARENT_PID`.

Reads a LoadSpec from stdin, writes one SecondReport a second to stdout, ends when the traffic
does, on SIGTERM (users send no more, answers under way are awaited, the last second is reported)
and with its parent.
"""

import asyncio
import gc
import math
import signal
import socket
import sys
import time
from collections import deque
from typing import Any, Final

import uvloop

from recommender.loadtest import process, rendering
from recommender.loadtest.crowd import Address, Crowd
from recommender.loadtest.outlet import Outlet
from recommender.loadtest.spec import LoadSpec
from recommender.loadtest.traffic import share_of

#: How long answers under way are awaited once no more requests are sent.
DRAIN_S: Final = 2.0
_TICK_S: Final = 0.02
_LATE_CHECK_S: Final = 0.1


class Generator:
    """One run of one spec on a loop that is already running."""

    def __init__(self, spec: LoadSpec, crowd: Crowd, outlet: Outlet) -> None:
        self._loop = asyncio.get_running_loop()
        self._spec = spec
        self._crowd = crowd
        self._outlet = outlet
        self._pattern = spec.pattern()
        self._changes = deque(self._pattern.changes())
        self._stopping = asyncio.Event()
        # Wall clock minus perf_counter, taken once: a clock that is set does not bend a test.
        self._wall = time.time() - time.perf_counter()
        self._start = (spec.start_at or math.ceil(time.time() + _TICK_S)) - self._wall
        self.failure: BaseException | None = None
        self._second = 0
        self._second_ends = 0.0
        self._full = False

    def stop(self) -> None:
        self._stopping.set()

    def fail(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A bug in a callback ends the run: a user lost to it would look like a slow endpoint."""
        self.failure = context.get("exception") or RuntimeError(context.get("message"))
        self.stop()

    async def run(self) -> None:
        await self._sleep_until(self._start)
        if self._stopping.is_set():
            return
        self._open_first_second()
        self._spawn()
        self._check_late()
        await self._sleep_until(self._start + self._pattern.duration_s)
        await self._finish()

    async def _sleep_until(self, moment: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, moment - time.perf_counter())):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _open_first_second(self) -> None:
        wall = max(self._start, time.perf_counter()) + self._wall
        self._second = math.floor(wall + _TICK_S)
        self._full = abs(wall - self._second) <= _TICK_S
        self._second_ends = self._second + 1 - self._wall
        self._crowd.tally.restart()
        self._loop.call_later(self._second_ends - time.perf_counter(), self._tick)

    def _spawn(self) -> None:
        """Bring the number of users to what the schedule says, and come back at its next change."""
        if self._stopping.is_set():
            return
        elapsed = time.perf_counter() - self._start
        users = None
        while self._changes and self._changes[0][0] <= elapsed + 0.001:
            users = self._changes.popleft()[1]
        if users is not None:
            self._crowd.resize(share_of(users, *self._spec.share))
        if self._changes:
            self._loop.call_later(max(self._changes[0][0] - elapsed, 0.001), self._spawn)

    def _check_late(self) -> None:
        self._crowd.expire(time.perf_counter())
        every = min(_LATE_CHECK_S, self._spec.timeout_s / 10)
        self._loop.call_later(every, self._check_late)

    def _tick(self) -> None:
        now = time.perf_counter()
        if now >= self._second_ends:
            self._roll(now)
        self._loop.call_later(max(self._second_ends - now, 0.001), self._tick)

    def _roll(self, now: float) -> None:
        """Report the second that ended, and each silent one a stalled process slept through."""
        while now >= self._second_ends:
            self._report(self._second_ends)
            self._second += 1
            self._second_ends += 1.0
            self._full = not self._stopping.is_set()

    def _report(self, ended: float) -> None:
        report = self._crowd.tally.close(
            second=self._second,
            elapsed_s=ended - self._start,
            users=self._users(ended),
            full=self._full,
        )
        self._outlet.write(report.to_line())

    def _users(self, ended: float) -> int:
        """As the schedule had it: whoever is due at the very end belongs to the next second."""
        if not self._crowd.wanted:
            return 0
        elapsed = ended - self._start - 0.001
        return share_of(self._pattern.users_at(elapsed), *self._spec.share)

    async def _finish(self) -> None:
        self._full = self._full and not self._stopping.is_set()
        now = time.perf_counter()
        if now >= self._second_ends - _TICK_S:
            # The traffic ended with a second: that second was full.
            self._roll(max(now, self._second_ends))
        self._stopping.set()
        self._full = False
        self._crowd.resize(0)
        deadline = now + DRAIN_S
        # Looked for, not signalled: nothing on the hot path may exist for the end's sake.
        while self._crowd.under_way and time.perf_counter() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        self._report(time.perf_counter())
        await self._outlet.drained()


def main() -> None:
    process.die_with(int(sys.argv[1]))
    spec = LoadSpec.from_json(sys.stdin.buffer.read())
    process.pin(spec.cores)
    requests = rendering.render(spec)
    address = _resolve(spec.host, spec.port)
    # What is loaded now lives to the end: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(spec, requests, address))


async def _run(spec: LoadSpec, requests: rendering.Requests, address: Address) -> None:
    loop = asyncio.get_running_loop()
    outlet = Outlet(loop, sys.stdout.fileno())
    generator = Generator(spec, Crowd(loop, spec, requests, address), outlet)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, generator.stop)
    loop.set_exception_handler(generator.fail)
    outlet.on_broken = generator.stop
    await generator.run()
    if generator.failure is not None:
        raise generator.failure


def _resolve(host: str, port: int) -> Address:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, address


if __name__ == "__main__":
    main()
