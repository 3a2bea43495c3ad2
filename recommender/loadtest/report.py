"""SecondReport: what one generator, or several merged, saw in one wall-clock second. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final, Self

from consoleapp.metrics.sketch import Sketch

SAMPLES_KEPT: Final = 3


class ErrorKind(StrEnum):
    """How an invocation failed."""

    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"  # every other status that is not 2xx, too
    TIMEOUT = "timeout"
    CONNECT = "connect"  # no connection, or it broke before an answer began
    PROTOCOL = "protocol"  # the answer was not HTTP, or ended in its middle


@dataclass(frozen=True, slots=True)
class ErrorSample:
    """One failed invocation, for people: `answer` is the first bytes of the body, as text."""

    kind: str
    payload: str
    status: int
    answer: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SecondReport:
    """`invocations` are all that ended in this second, `errors` the failed among them, by kind.

    Latencies are those of successful (2xx) invocations, from the first byte sent to the last byte
    received; the round trip pause is outside. `full` is False for a second that the traffic
    did not fill (the last one). `cpu_share` is the generator's CPU time over wall time, 0..1.
    """

    second: int
    elapsed_s: float
    users: int
    invocations: int
    errors: Mapping[str, int]
    client_latency_us: Sketch
    latency_total_us: float
    latency_min_us: float
    latency_max_us: float
    cpu_share: float
    full: bool = True
    error_samples: Sequence[ErrorSample] = ()

    @property
    def failed(self) -> int:
        return sum(self.errors.values())

    @property
    def succeeded(self) -> int:
        return self.invocations - self.failed

    def to_line(self) -> bytes:
        buckets = sorted(self.client_latency_us.buckets.items())
        fields = {name: getattr(self, name) for name in _PLAIN} | {
            "errors": dict(self.errors),
            "buckets": buckets,
            "error_samples": [asdict(sample) for sample in self.error_samples],
        }
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Raises ValueError, KeyError or TypeError when the line is not a report."""
        fields = json.loads(line)
        sketch = Sketch(dict(fields.pop("buckets")))
        samples = tuple(ErrorSample(**sample) for sample in fields.pop("error_samples"))
        return cls(client_latency_us=sketch, error_samples=samples, **fields)

    @classmethod
    def merged(cls, reports: Iterable["SecondReport"]) -> Self:
        """The same second as several generators saw it. At least one report is needed."""
        parts = list(reports)
        errors: Counter[str] = Counter()
        for part in parts:
            errors.update(part.errors)
        return cls(
            second=parts[0].second,
            elapsed_s=max(part.elapsed_s for part in parts),
            users=sum(part.users for part in parts),
            invocations=sum(part.invocations for part in parts),
            errors=dict(errors),
            client_latency_us=Sketch.merged(part.client_latency_us for part in parts),
            latency_total_us=sum(part.latency_total_us for part in parts),
            latency_min_us=min((p.latency_min_us for p in parts if p.succeeded), default=0.0),
            latency_max_us=max(part.latency_max_us for part in parts),
            cpu_share=max(part.cpu_share for part in parts),
            full=all(part.full for part in parts),
            error_samples=[s for part in parts for s in part.error_samples][:SAMPLES_KEPT],
        )


_PLAIN: Final = (
    "second",
    "elapsed_s",
    "users",
    "invocations",
    "latency_total_us",
    "latency_min_us",
    "latency_max_us",
    "cpu_share",
    "full",
)
