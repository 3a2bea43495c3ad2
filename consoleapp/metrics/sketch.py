"""A sparse log histogram: percentiles with a relative error below 1 %, merged exactly.

Pure: used by the gateway, the load generator, the metrics store and the charts alike.
Bucket k holds values in (GAMMA**(k-1), GAMMA**k]; values at or below zero share one bucket.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Final, Self

GAMMA: Final = 1.02
_LOG_GAMMA: Final = math.log(GAMMA)
ZERO_BUCKET: Final = -(2**31)


def bucket_of(value: float) -> int:
    """The bucket of a value, by its logarithm."""
    if value <= 0:
        return ZERO_BUCKET
    return math.ceil(math.log(value) / _LOG_GAMMA)


def value_of(bucket: int) -> float:
    """The value a bucket stands for: the middle of its range, in relative terms."""
    if bucket == ZERO_BUCKET:
        return 0.0
    return 2.0 * GAMMA**bucket / (1.0 + GAMMA)


class Sketch:
    """Counts per bucket. Unit: whatever the caller adds, the same for the life of the sketch."""

    __slots__ = ("buckets", "count")

    def __init__(self, buckets: Mapping[int, int] | None = None) -> None:
        self.buckets: dict[int, int] = dict(buckets or {})
        self.count: int = sum(self.buckets.values())

    def add(self, value: float, times: int = 1) -> None:
        bucket = bucket_of(value)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + times
        self.count += times

    def merge(self, other: "Sketch") -> None:
        mine = self.buckets
        for bucket, times in other.buckets.items():
            mine[bucket] = mine.get(bucket, 0) + times
        self.count += other.count

    def percentile(self, percent: float) -> float | None:
        """The value below which `percent` (0..100) of the samples lie; None when empty."""
        if not self.count:
            return None
        rank = max(1, math.ceil(self.count * percent / 100.0))
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                return value_of(bucket)
        return value_of(max(self.buckets))

    def to_bytes(self) -> bytes:
        """Compact JSON of alternating bucket and count: readable, small for a second's spread."""
        flat = [n for bucket in sorted(self.buckets) for n in (bucket, self.buckets[bucket])]
        return json.dumps(flat, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        flat = json.loads(bytes(data) or b"[]")
        return cls(dict(zip(flat[::2], flat[1::2], strict=True)))

    @classmethod
    def merged(cls, sketches: Iterable["Sketch"]) -> Self:
        whole = cls()
        for sketch in sketches:
            whole.merge(sketch)
        return whole
