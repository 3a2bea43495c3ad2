"""Finds the moment the invocations graph levels off while users keep growing. Pure.

The method and the reasons for its numbers are in docs/plateau.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from recommender.loadtest.window import (
    SECONDS_PER_MINUTE,
    WINDOW_S,
    SecondSeen,
    rate_per_minute,
    trailing,
)

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]

MORE_USERS: Final = 0.25
CONFIRM_S: Final = 20
FOLLOWS: Final = 0.25
NOISE: Final = 0.03
RISE_AT_MOST: Final = 0.10
WINDOWS_LEVEL: Final = 0.8
AT_LEVEL: Final = (0.98, 1.04)
FIRST_USER: Final = 0.9
_DROPPED: Final = 3
NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class Plateau:
    """Where the graph levels off.

    `second` ends the trailing window that is read; `rate_per_minute` and `users` are that
    window's; `confirmed_second` is when it became certain; `from_first_user` says that the rate
    was already there before any user was added.
    """

    second: int
    rate_per_minute: float
    users: int
    confirmed_second: int
    from_first_user: bool


def find(seen: Sequence[SecondSeen]) -> Plateau | None:
    """The first moment the graph levels off while users keep growing; None while it does not.

    For every moment: take the middle rate and the middle number of users of its trailing 10 s
    window (the mean of the middle 4 of 10 seconds, so a spike or a stall of 3 s weighs nothing).
    Look ahead to the first window that ends at least CONFIRM_S = 20 s later and has MORE_USERS =
    25 % more users. The graph is level from that moment if there, and in WINDOWS_LEVEL = 80 % of
    the windows on the way, the rate rose by no more than FOLLOWS = a quarter of what the users
    grew by (at least NOISE = 3 %, never more than RISE_AT_MOST = 10 %). Without more users nothing
    is judged, so the flat part of a stair, or the wait for the next user, is no plateau.
    The moment is then moved on to the first window AT_LEVEL (98 to 104 % of it), because the test
    above already holds a little before the ramp has ended. Only ratios count: the answer does
    not change with the scale of the rate. Append-only: once found it stays where it is.
    """
    if len(seen) < WINDOW_S + CONFIRM_S:
        return None
    seconds = np.array([s.second for s in seen])
    rates = _middles(np.array([s.succeeded for s in seen], dtype=np.float64))
    users = _middles(np.array([s.users for s in seen], dtype=np.float64))
    confirmed = _confirmations(seconds[WINDOW_S - 1 :], users)
    for start in _candidates(rates, users, confirmed):
        if _level(rates, users, start, int(confirmed[start])):
            return _plateau(seen, rates, start, int(confirmed[start]))
    return None


def _middles(values: _Floats) -> _Floats:
    """Of each full trailing window, the mean of the seconds left without its extremes."""
    windows = np.lib.stride_tricks.sliding_window_view(values, WINDOW_S)
    middle = np.sort(windows, axis=1)[:, _DROPPED : WINDOW_S - _DROPPED]
    return np.asarray(middle.mean(axis=1), dtype=np.float64)


def _confirmations(ends: _Integers, users: _Floats) -> _Integers:
    """For each window the first one late enough with enough more users; NEVER where none is."""
    count = len(users)
    enough = users * (1.0 + MORE_USERS)
    late = np.searchsorted(ends, ends + CONFIRM_S)
    # Users almost always only grow: one search in the running maximum answers for every window.
    first = np.searchsorted(np.maximum.accumulate(users), enough)
    confirmed = np.where((first >= late) & (first < count), first, NEVER)
    for index in np.flatnonzero((first < late) & (late < count)):
        later = users[late[index] :] >= enough[index]
        if later.any():
            confirmed[index] = late[index] + np.argmax(later)
    return confirmed


def _candidates(rates: _Floats, users: _Floats, confirmed: _Integers) -> list[int]:
    """The moments whose confirming window alone looks level: a cheap first pass."""
    known = np.flatnonzero((confirmed != NEVER) & (rates > 0.0))
    then = confirmed[known]
    rise = rates[then] / rates[known] - 1.0
    passed = known[rise <= _allowed(users[then] / users[known] - 1.0)]
    # By when they were confirmed: what was found while the series grew is found again.
    return [int(i) for i in passed[np.argsort(confirmed[passed], kind="stable")]]


def _allowed(users_grew: _Floats) -> _Floats:
    return np.clip(FOLLOWS * users_grew, NOISE, RISE_AT_MOST)


def _level(rates: _Floats, users: _Floats, start: int, confirmed: int) -> bool:
    part = slice(start + 1, confirmed + 1)
    allowed = _allowed(users[part] / users[start] - 1.0)
    inside = rates[part] <= rates[start] * (1.0 + allowed)
    return float(inside.mean()) >= WINDOWS_LEVEL


def _plateau(seen: Sequence[SecondSeen], rates: _Floats, start: int, confirmed: int) -> Plateau:
    part = rates[start : confirmed + 1]
    # The later half: the earlier may still hold the end of the ramp.
    level = float(np.median(part[len(part) // 2 :]))
    windows = [trailing(seen, i + WINDOW_S - 1) for i in range(start, confirmed + 1)]
    window = _reached(windows, SECONDS_PER_MINUTE * level)
    return Plateau(
        second=window[-1].second,
        rate_per_minute=rate_per_minute(window),
        users=window[-1].users,
        confirmed_second=seen[confirmed + WINDOW_S - 1].second,
        from_first_user=_from_first_user(seen, level),
    )


def _reached(windows: Sequence[Sequence[SecondSeen]], level: float) -> Sequence[SecondSeen]:
    """The first window at the level; where noise leaves none, the one nearest to it."""
    for window in windows:
        if AT_LEVEL[0] * level <= rate_per_minute(window) <= AT_LEVEL[1] * level:
            return window
    return min(windows, key=lambda window: abs(rate_per_minute(window) - level))


def _from_first_user(seen: Sequence[SecondSeen], level: float) -> bool:
    """Whether the rate was at the level while there were only the users of the start."""
    initial = seen[0].users
    alone: list[int] = []
    for second in seen:
        if second.users != initial:
            break
        alone.append(second.succeeded)
    return float(np.median(alone)) >= FIRST_USER * level
