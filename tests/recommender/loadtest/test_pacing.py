import asyncio
from time import perf_counter

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
