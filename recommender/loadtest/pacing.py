"""Pacer: the round trip each user waits between an answer and the next request.

All users wait equally long, so who waits is a queue in the order of being due, and one timer for
its head serves any number of users: a timer each would cost more than sending the request does.
Without a round trip the queue lasts until every answer that has come is read: a request sent in
between would make the others look late. Where answers come one by one there are no others, and
users go on at once.
"""

from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Final, Protocol

# The loop's timers are whole milliseconds: half of one early or late makes the mean come out true.
_TOLERANCE_S: Final = 0.0005
#: Batches smaller than this are not worth a queue; looked at again after so many requests.
_FEW: Final = 4
_AT_ONCE: Final = 64


class Waiting(Protocol):
    def next(self) -> None: ...


class Pacer:
    """`between` is called after every batch of requests: a place for work that can be put off."""

    __slots__ = ("_armed", "_at_once", "_between", "_loop", "_queue", "round_trip_s")

    def __init__(
        self, loop: AbstractEventLoop, round_trip_s: float, between: Callable[[], None]
    ) -> None:
        self._loop = loop
        self.round_trip_s = round_trip_s
        self._between = between
        self._queue: deque[tuple[float, Waiting]] = deque()
        self._armed = False
        self._at_once = 0

    def wait(self, user: Waiting, since: float) -> None:
        """Call `user.next()` one round trip after `since` (a time of perf_counter)."""
        if self._at_once:
            self._at_once -= 1
            user.next()
            return
        self._queue.append((since + self.round_trip_s, user))
        if not self._armed:
            self._armed = True
            if self.round_trip_s:
                self._loop.call_later(self.round_trip_s, self._fire)
            else:
                self._loop.call_soon(self._fire)

    def _fire(self) -> None:
        queue = self._queue
        if not self.round_trip_s and len(queue) < _FEW:
            self._at_once = _AT_ONCE
        due = perf_counter() + _TOLERANCE_S
        while queue and queue[0][0] <= due:
            queue.popleft()[1].next()
        if queue:
            self._loop.call_later(max(queue[0][0] - perf_counter(), 0.001), self._fire)
        else:
            self._armed = False
        self._between()
