"""When a scheduled action is due: at(...), rate(...) and cron(...), pure.

https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_EXPRESSION: Final = re.compile(r"(at|rate|cron)\(([^()]*)\)")
_RATE: Final = re.compile(r"([1-9]\d{0,5}) (minute|hour|day)s?")
_UNITS_S: Final = {"minute": 60, "hour": 3_600, "day": 86_400}
_MINUTE: Final = timedelta(minutes=1)
#: What was due while nobody looked for longer than this is not made up for.
_LONGEST_LOOK_BACK: Final = timedelta(days=32)
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS: Final = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)


class BadSchedule(ValueError):
    """str() says why."""


#: Whether it is due after the first moment and up to the second one.
Schedule = Callable[[datetime, datetime], bool]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    words: Mapping[str, int]


_FIELDS: Final = (
    _Field("minutes", 0, 59, {}),
    _Field("hours", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {word: n for n, word in enumerate(_MONTHS, 1)}),
    _Field("day of week", 1, 7, {word: n for n, word in enumerate(_DAYS, 1)}),
    _Field("year", 1970, 2199, {}),
)


def parse(text: str, zone: ZoneInfo, anchor: datetime) -> Schedule:
    """`anchor`: where a rate counts from. Raises BadSchedule."""
    found = _EXPRESSION.fullmatch(text.strip())
    if found is None:
        raise BadSchedule("A schedule is at(...), rate(...) or cron(...).")
    kind, told = found.groups()
    if kind == "at":
        return _at(told, zone)
    return _rate(told, anchor) if kind == "rate" else _cron(told, zone)


def _at(told: str, zone: ZoneInfo) -> Schedule:
    try:
        moment = datetime.strptime(told, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise BadSchedule("An at expression is at(yyyy-mm-ddThh:mm:ss).") from None
    return lambda since, until: since < moment <= until


def _rate(told: str, anchor: datetime) -> Schedule:
    found = _RATE.fullmatch(told.strip())
    if found is None:
        raise BadSchedule("A rate expression is rate(value minutes|hours|days).")
    every_s = int(found.group(1)) * _UNITS_S[found.group(2)]

    def turn(moment: datetime) -> int:
        return int((moment - anchor).total_seconds() // every_s)

    # The turn before the anchor is -1, however long before.
    return lambda since, until: turn(until) > max(turn(since), -1)


def _cron(told: str, zone: ZoneInfo) -> Schedule:
    words = told.split()
    if len(words) != len(_FIELDS):
        raise BadSchedule("A cron expression has six fields.")
    if (words[2] == "?") == (words[4] == "?"):
        raise BadSchedule("One of day of month and day of week is ?, and the other is not.")
    sets = [_values(word, field) for word, field in zip(words, _FIELDS, strict=True)]

    def due(since: datetime, until: datetime) -> bool:
        first = max(since, until - _LONGEST_LOOK_BACK).astimezone(UTC)
        moment = first.replace(second=0, microsecond=0) + _MINUTE
        while moment <= until:
            if _matches(moment.astimezone(zone), sets):
                return True
            moment += _MINUTE
        return False

    return due


def _matches(local: datetime, sets: list[frozenset[int]]) -> bool:
    told = (
        *(local.minute, local.hour, local.day, local.month),
        *(local.isoweekday() % 7 + 1, local.year),
    )
    return all(value in wanted for value, wanted in zip(told, sets, strict=True))


def _values(word: str, field: _Field) -> frozenset[int]:
    found: set[int] = set()
    for part in word.upper().split(","):
        body, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and int(step)):
            raise _wrong(word, field)
        low, high = _range(body, field, word, open_ended=bool(slash))
        found.update(range(low, high + 1, int(step) if slash else 1))
    return frozenset(found)


def _range(body: str, field: _Field, word: str, *, open_ended: bool) -> tuple[int, int]:
    if body in ("*", "?"):
        if body == "?" and not field.name.startswith("day"):
            raise _wrong(word, field)
        return field.least, field.most
    first, dash, last = body.partition("-")
    low = _number(first, field, word)
    # 5/15 goes on from 5 to the end.
    high = _number(last, field, word) if dash else (field.most if open_ended else low)
    if low > high:
        raise _wrong(word, field)
    return low, high


def _number(text: str, field: _Field, word: str) -> int:
    value = field.words.get(text, int(text) if text.isdecimal() else -1)
    if not field.least <= value <= field.most:
        raise _wrong(word, field)
    return value


def _wrong(word: str, field: _Field) -> BadSchedule:
    return BadSchedule(f"'{word}' is no {field.name} of a cron expression here.")
