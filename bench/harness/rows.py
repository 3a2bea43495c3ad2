"""Median of several runs with their range, and rows that say when they do not count."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

RUNS = 5
#: A row speaks of a part only where that part was the limit.
PART_AT_LEAST = 0.95
OTHER_BELOW = 0.80
#: What a CPU-second does is judged from here on: a part that mostly sleeps wakes up too often.
PART_BUSY = 0.80


@dataclass(frozen=True, slots=True)
class Spread:
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:10,.1f} ({self.low:,.1f} .. {self.high:,.1f})"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured: its values, run by run, and the shares of the cores meanwhile."""

    name: str
    values: tuple[float, ...]
    part: tuple[float, ...]
    other: tuple[float, ...]
    errors: int = 0

    @property
    def spread(self) -> Spread:
        return Spread.of(self.values)

    @property
    def per_cpu_second(self) -> Spread:
        """What the part did for each second of CPU it used: steadier than the rate on a machine
        that others use, and blind to what the part waits for."""
        shares = zip(self.values, self.part, strict=True)
        return Spread.of([value / max(share, 0.01) for value, share in shares])

    @property
    def objection(self) -> str:
        """Why the row does not count; empty when it does."""
        part, other = statistics.median(self.part), statistics.median(self.other)
        if self.errors:
            return f"{self.errors} errors"
        if part >= PART_AT_LEAST and other < OTHER_BELOW:
            return ""
        if part < PART_AT_LEAST and other >= OTHER_BELOW:
            return "the load side was the limit"
        if part >= PART_AT_LEAST:
            return "both sides were near their limit"
        return "neither side was the limit: someone else used the cores, or latency ruled"

    def line(self, unit: str) -> str:
        shares = (
            f"part {statistics.median(self.part):4.0%}, other {statistics.median(self.other):4.0%}"
        )
        shares += f", {self.per_cpu_second.median:,.0f} per CPU-second"
        verdict = f"  DOES NOT COUNT: {self.objection}" if self.objection else ""
        return f"{self.name:44} {self.spread} {unit}  [{shares}]{verdict}"


def ratio(name: str, mine: Row, theirs: Row, *, target: float) -> str:
    """Judged where both rows count."""
    counts = not mine.objection and not theirs.objection
    return _line(name, mine.spread, theirs.spread, target=target, counts=counts)


def cpu_ratio(name: str, mine: Row, theirs: Row, *, target: float) -> str:
    """The same for each CPU-second of the part: says as much where the load side was the limit."""
    counts = all(
        not row.errors and statistics.median(row.part) >= PART_BUSY for row in (mine, theirs)
    )
    return _line(name, mine.per_cpu_second, theirs.per_cpu_second, target=target, counts=counts)


def _line(name: str, mine: Spread, theirs: Spread, *, target: float, counts: bool) -> str:
    """Of medians; with the range that the runs' own ranges allow."""
    value = mine.median / theirs.median
    low, high = mine.low / theirs.high, mine.high / theirs.low
    verdict = ("met" if value >= target else "MISSED") if counts else "not judged"
    return f"{name:44} {value:6.2f} ({low:.2f} .. {high:.2f})  target >= {target:g}: {verdict}"
