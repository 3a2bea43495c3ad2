"""What a series saw in some span of time, and how two spans become one.

Pure: the ingest, the roll-up and the queries merge with the same arithmetic, so a merge in any
order and at any stage gives the same answer.
"""

from dataclasses import dataclass

from consoleapp.metrics.sketch import Sketch


@dataclass(slots=True)
class Tally:
    """`sketch` is None where one value says it all (minimum = maximum) or the spread is unknown."""

    count: int
    total: float
    minimum: float
    maximum: float
    sketch: Sketch | None = None

    def merge(self, other: "Tally") -> None:
        self.sketch = self._spread_with(other)
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def copy(self) -> "Tally":
        sketch = Sketch(self.sketch.buckets) if self.sketch else None
        return Tally(self.count, self.total, self.minimum, self.maximum, sketch)

    def spread(self) -> Sketch | None:
        """The values as a sketch; None when only their bounds are known."""
        if self.sketch is not None:
            return self.sketch
        if self.minimum != self.maximum:
            return None
        alone = Sketch()
        alone.add(self.minimum, self.count)
        return alone

    def percentile(self, percent: float) -> float | None:
        spread = self.spread()
        value = spread.percentile(percent) if spread else None
        if value is None:
            return None
        # The bounds are exact while a bucket is not: no percentile lies outside them.
        return min(max(value, self.minimum), self.maximum)

    def average(self) -> float | None:
        return self.total / self.count if self.count else None

    def _spread_with(self, other: "Tally") -> Sketch | None:
        same = self.minimum == self.maximum == other.minimum == other.maximum
        if same and self.sketch is None and other.sketch is None:
            return None
        theirs = other.spread()
        if theirs is None:
            return None
        mine = self.spread()
        if mine is not None:
            mine.merge(theirs)
        return mine
