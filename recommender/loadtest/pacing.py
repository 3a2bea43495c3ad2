"""Pacer: the round trip each user waits between an answer and the next request.

All users wait equally long, so who waits is a queue in the order of being due, and one timer for
its head serves any number of users: a timer each would cost more than sending the request does.
"""

import time
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from typing import Final

# The loop's timers are whole milliseconds: half of one early or late makes the mean come out true.
_TOLERANCE_S: Final = 0.0005


class Pacer:
    __slots__ = ("_loop", "armed", "queue", "round_trip_s")

    def __init__(self, loop: AbstractEventLoop, round_trip_s: float) -> None:
        self._loop = loop
        self.round_trip_s = round_trip_s
        self.queue: deque[tuple[float, Callable[[], None]]] = deque()
        self.armed = False

    def wait(self, since: float, then: Callable[[], None]) -> None:
        """Call `then` one round trip after `since` (a time of perf_counter)."""
        self.queue.append((since + self.round_trip_s, then))
        if not self.armed:
            self.armed = True
            if self.round_trip_s:
                self._loop.call_later(self.round_trip_s, self._fire)
            else:
                self._loop.call_soon(self._fire)

    def _fire(self) -> None:
        queue = self.queue
        due = time.perf_counter() + _TOLERANCE_S
        while queue and queue[0][0] <= due:
            queue.popleft()[1]()
        if queue:
            self._loop.call_later(max(queue[0][0] - time.perf_counter(), 0.001), self._fire)
        else:
            self.armed = False
