"""The line protocol between those who measure and the metrics ingest: one JSON object a line.

Pure: the gateway, the load generator's driver and the samplers all speak it.
A connection to INGEST_ADDRESS opens with one line holding INGEST_TOKEN.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from consoleapp.metrics.sketch import Sketch


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
        sketch = None if fields[11] is None else Sketch(dict(fields[11]))
        return cls(
            account=fields[0],
            region=fields[1],
            namespace=fields[2],
            name=fields[3],
            dimensions=dict(fields[4]),
            second=fields[5],
            count=fields[6],
            total=fields[7],
            minimum=fields[8],
            maximum=fields[9],
            unit=fields[10],
            sketch=sketch,
        )
