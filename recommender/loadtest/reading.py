"""What is read from a test, and where, for each way it can end. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from recommender.loadtest import plateau, window
from recommender.loadtest.stop import Stop, StopReason, StopRules, crosses
from recommender.loadtest.window import WINDOW_S, SecondSeen

TARGET_NOTE: Final = "target reached, capacity not found"
LOWER_BOUND_NOTE: Final = "a lower bound"
FIRST_USER_NOTE: Final = "saturated from the first user"
NEVER_INSIDE_NOTE: Final = "over the latency threshold from the first user"
STOPPED_NOTE: Final = "stopped by the user before it finished"
ERRORS_NOTE: Final = "too many invocations failed"
NO_ANSWER_NOTE: Final = "no invocation was answered"
NO_LATENCY_NOTE: Final = "its latency is missing in the metrics"
SHORT_NOTE: Final = "shorter than one window of 10 s"


class ReadingKind(StrEnum):
    PLATEAU = "plateau"
    INSIDE_THRESHOLD = "inside_threshold"
    TARGET = "target"
    LOWER_BOUND = "lower_bound"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    """`second` ends the window that was read. All None where there is nothing to read (NOTHING)."""

    kind: ReadingKind
    second: int | None
    invocations_per_minute: float | None
    model_latency_us: float | None
    users: int | None
    note: str = ""

    @property
    def usable(self) -> bool:
        return self.invocations_per_minute is not None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read(seen: Sequence[SecondSeen], rules: StopRules, stop: Stop) -> Reading:
    """The reading of a test that ended with `stop`.

    A plateau is read where it begins, however the test ended after it; a window above the latency
    threshold is never read, the last one inside before it is. Without a plateau: latency threshold
    crossed -> the last window inside it; target reached -> the last window, with its note; time
    up -> the last window, a lower bound; stopped by the user, or errors -> nothing.
    """
    if stop.reason is StopReason.USER_STOP:
        return _nothing(STOPPED_NOTE)
    if stop.reason is StopReason.ERRORS:
        return _nothing(ERRORS_NOTE)
    found = plateau.find(seen)
    if found is not None:
        return _at_plateau(seen, rules, found)
    last = window.trailing(seen, len(seen) - 1)
    if stop.reason is StopReason.LATENCY_THRESHOLD or crosses(last, rules):
        return _last_inside(seen, rules, len(seen) - 1)
    if not window.rate_per_minute(last):
        return _nothing(NO_ANSWER_NOTE)
    if stop.reason is StopReason.TARGET_REACHED:
        return _at(seen, len(seen) - 1, rules, ReadingKind.TARGET, TARGET_NOTE)
    note = LOWER_BOUND_NOTE if len(seen) >= WINDOW_S else f"{LOWER_BOUND_NOTE}, {SHORT_NOTE}"
    return _at(seen, len(seen) - 1, rules, ReadingKind.LOWER_BOUND, note)


def _at_plateau(seen: Sequence[SecondSeen], rules: StopRules, found: plateau.Plateau) -> Reading:
    end = next(i for i, s in enumerate(seen) if s.second == found.second)
    if crosses(window.trailing(seen, end), rules):
        return _last_inside(seen, rules, end)
    note = FIRST_USER_NOTE if found.from_first_user else ""
    return _at(seen, end, rules, ReadingKind.PLATEAU, note)


def _last_inside(seen: Sequence[SecondSeen], rules: StopRules, end: int) -> Reading:
    for index in range(end, WINDOW_S - 2, -1):
        part = window.trailing(seen, index)
        if not crosses(part, rules) and window.rate_per_minute(part):
            return _at(seen, index, rules, ReadingKind.INSIDE_THRESHOLD, "")
    return _nothing(NEVER_INSIDE_NOTE)


def _at(
    seen: Sequence[SecondSeen], end: int, rules: StopRules, kind: ReadingKind, note: str
) -> Reading:
    part = window.trailing(seen, end)
    latency_us = window.latency_us(part, rules.percentile)
    if latency_us is None:
        # Unknown is not zero, which would rank first.
        return _nothing(NO_LATENCY_NOTE)
    return Reading(
        kind=kind,
        second=seen[end].second,
        invocations_per_minute=window.rate_per_minute(part),
        model_latency_us=latency_us,
        users=seen[end].users,
        note=note,
    )


def _nothing(note: str) -> Reading:
    return Reading(ReadingKind.NOTHING, None, None, None, None, note)
