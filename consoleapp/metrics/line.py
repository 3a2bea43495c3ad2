"""The line protocol between those who measure and the metrics ingest: one JSON object a line.

Pure: the gateway, the load generator's driver and the samplers all speak it.
A connection to INGEST_ADDRESS opens with one line holding INGEST_TOKEN.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from consoleapp.metrics.sketch import Sketch

# Counts are stored in 64 bits and added up: half of them leaves room for the sums.
_LARGEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Sample:
    """What one series saw in one second.

    `account` is the 12-digit id, `second` is Unix time, `dimensions` as at CloudWatch.
    `sketch` is present for series with percentiles; its count equals `count`.
    """

    account: str
    region: str
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    second: int
    count: int
    total: float
    minimum: float
    maximum: float
    unit: str = "None"
    sketch: Sketch | None = None

    def encode(self) -> bytes:
        fields: list[object] = [
            self.account,
            self.region,
            self.namespace,
            self.name,
            sorted(self.dimensions.items()),
            self.second,
            self.count,
            self.total,
            self.minimum,
            self.maximum,
            self.unit,
            sorted(self.sketch.buckets.items()) if self.sketch else None,
        ]
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> Self:
        """Raises ValueError when the line is not a sample."""
        fields = json.loads(line)
        if not isinstance(fields, list) or len(fields) != 12:
            raise ValueError("a sample line is a list of 12 fields")
        try:
            sample = cls(
                account=_text(fields[0], 12),
                region=_text(fields[1], 32),
                namespace=_text(fields[2], 255),
                name=_text(fields[3], 255),
                dimensions={_text(k, 255): _text(v, 1024) for k, v in fields[4]},
                second=_whole(fields[5]),
                count=_whole(fields[6]),
                total=_finite(fields[7]),
                minimum=_finite(fields[8]),
                maximum=_finite(fields[9]),
                unit=_text(fields[10], 32),
                sketch=_sketch(fields[11]),
            )
        except TypeError as error:
            raise ValueError(str(error)) from None
        if sample.sketch is not None and sample.sketch.count != sample.count:
            raise ValueError("a sketch counts what its sample counts")
        return sample


def _text(value: object, longest: int) -> str:
    # PostgreSQL stores no NUL, and one refused row would hold up its whole batch.
    if not isinstance(value, str) or not value or len(value) > longest or "\0" in value:
        raise ValueError(f"expected a text of 1 to {longest} characters")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not 0 < value < _LARGEST:
        raise ValueError("expected a positive whole number")
    return value


def _finite(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("expected a finite number")
    return float(value)


def _sketch(pairs: object) -> Sketch | None:
    if pairs is None:
        return None
    if not isinstance(pairs, list):
        raise ValueError("a sketch is a list of bucket and count")
    return Sketch({int(bucket): _whole(times) for bucket, times in pairs})
