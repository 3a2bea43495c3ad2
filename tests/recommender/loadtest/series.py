"""Synthetic tests: what a closed-loop crowd would see of an endpoint of known capacity."""

import random
from collections.abc import Callable, Sequence

from consoleapp.metrics.sketch import Sketch
from recommender.loadtest.window import SecondSeen

START = 1_700_000_000


def second(
    at: int,
    *,
    users: int = 1,
    invocations: int = 0,
    errors: int = 0,
    latency_us: float | None = None,
) -> SecondSeen:
    sketch = Sketch()
    if latency_us is not None:
        sketch.add(latency_us, times=max(1, invocations))
    return SecondSeen(START + at, users, invocations, errors, sketch)


def rates(users: Sequence[int], per_second: Sequence[float]) -> list[SecondSeen]:
    return [
        second(at, users=u, invocations=max(0, round(rate)), latency_us=1000.0)
        for at, (u, rate) in enumerate(zip(users, per_second, strict=True))
    ]


def closed_loop(
    users_at: Callable[[int], int],
    *,
    seconds: int,
    capacity: Callable[[int], float] | float = 1e12,
    latency_s: float = 0.005,
    round_trip_s: float = 0.010,
    noise: float = 0.0,
    seed: int = 0,
) -> list[SecondSeen]:
    """N users get N / (latency + round trip) answers a second until the capacity is reached."""
    rng = random.Random(seed)
    seen = []
    for at in range(seconds):
        users = users_at(at)
        limit = capacity(at) if callable(capacity) else capacity
        rate = min(users / (latency_s + round_trip_s), limit) * (1 + rng.gauss(0, noise))
        latency = max(latency_s, users / limit - round_trip_s)
        seen.append(
            second(at, users=users, invocations=max(0, round(rate)), latency_us=latency * 1e6)
        )
    return seen
