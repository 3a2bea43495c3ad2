import asyncio
import heapq
import itertools
from collections.abc import Callable
from time import perf_counter
from typing import Any, cast

import pytest

from recommender.loadtest import pacing
from recommender.loadtest.pacing import Pacer
from tests.recommender.loadtest.target import run, until


class Sleeper:
    def __init__(self, pacer: Pacer, times: int) -> None:
        self.pacer = pacer
        self.left = times
        self.since = 0.0
        self.waits: list[float] = []

    def start(self) -> None:
        self.since = perf_counter()
        self.pacer.wait(self, self.since)

    def next(self) -> None:
        self.waits.append(perf_counter() - self.since)
        self.left -= 1
        if self.left:
            self.start()


def sleep(users: int, times: int, round_trip_s: float) -> list[float]:
    waits: list[float] = []

    async def scene() -> None:
        batches = []
        loop = asyncio.get_running_loop()
        pacer = Pacer(loop, round_trip_s, lambda: batches.append(1))
        sleepers = [Sleeper(pacer, times) for _ in range(users)]
        for number, sleeper in enumerate(sleepers):
            loop.call_later(number * round_trip_s / users, sleeper.start)
        await until(lambda: all(sleeper.left == 0 for sleeper in sleepers))
        waits.extend(wait for sleeper in sleepers for wait in sleeper.waits)
        assert batches

    run(scene())
    return waits


def test_nobody_is_called_before_the_round_trip_less_half_a_millisecond() -> None:
    assert min(sleep(300, 10, 0.010)) >= 0.0095 - 1e-6


def test_everybody_is_called_once_for_every_wait() -> None:
    assert len(sleep(200, 5, 0.003)) == 1000


def test_without_a_round_trip_users_go_on_in_the_next_turn_of_the_loop() -> None:
    assert len(sleep(10, 50, 0.0)) == 500


class Clockwork:
    """A loop whose time is simulated; its timers are whole milliseconds, as libuv's are."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()

    def call_later(self, delay_s: float, then: Callable[[], None]) -> None:
        due = int(self.now * 1000) + round(delay_s * 1000)
        heapq.heappush(self.timers, (max(due / 1000, self.now), next(self.order), then))

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.timers and self.timers[0][0] <= until:
            self.now, _, then = heapq.heappop(self.timers)
            then()


class Instant:
    """A user whose answers come at once."""

    def __init__(self, loop: Clockwork, pacer: Pacer) -> None:
        self.loop, self.pacer, self.since = loop, pacer, loop.now
        self.waits: list[float] = []

    def start(self) -> None:
        self.since = self.loop.now
        self.pacer.wait(self, self.since)

    def next(self) -> None:
        self.waits.append(self.loop.now - self.since)
        self.start()


@pytest.mark.parametrize("round_trip_ms", [2.0, 5.0, 10.0, 33.3])
def test_two_hundred_users_wait_the_round_trip_on_average_and_none_waits_for_another(
    round_trip_ms: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = Clockwork()
    monkeypatch.setattr(pacing, "perf_counter", lambda: loop.now)
    pacer = Pacer(cast(Any, loop), round_trip_ms / 1000, lambda: None)
    users = [Instant(loop, pacer) for _ in range(200)]
    for number, user in enumerate(users):
        loop.call_later(number * 0.00037, user.start)
    loop.run(10.0)
    waits = [1000 * wait for user in users for wait in user.waits]
    assert sum(waits) / len(waits) == pytest.approx(round_trip_ms, abs=0.5)
    assert max(waits) <= round_trip_ms + 1.5
    assert len(loop.timers) == 1
