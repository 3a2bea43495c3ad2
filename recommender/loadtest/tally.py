"""Tally: the counts of the second that is running, and the report they become."""

import time
from collections import Counter
from typing import Final

from consoleapp.metrics.sketch import Sketch
from recommender.loadtest.report import SAMPLES_KEPT, ErrorKind, ErrorSample, SecondReport

# Bucket 1399 of the sketch is twelve days in microseconds: no latency lies beyond.
_BUCKETS: Final = 1400
_NEVER: Final = float("inf")


class Tally:
    """Written by every user on every answer, so the fields are bare.

    A successful answer adds one to buckets[bucket_of(latency)]: its count is their sum.
    """

    __slots__ = (
        *("buckets", "errors", "latency_max", "latency_min", "latency_total", "samples"),
        *("_cpu_s", "_wall_s"),
    )

    def __init__(self) -> None:
        self.buckets: list[int] = [0] * _BUCKETS
        self.restart()

    def restart(self) -> None:
        """Begin a second now, with nothing counted and no CPU time used."""
        self._cpu_s = time.process_time()
        self._wall_s = time.perf_counter()
        self._clear()

    def _clear(self) -> None:
        # In place: users keep a reference to the list.
        self.buckets[:] = [0] * _BUCKETS
        self.errors: Counter[str] = Counter()
        self.samples: list[ErrorSample] = []
        self.latency_total = 0.0
        self.latency_min = _NEVER
        self.latency_max = 0.0

    def fail(self, kind: ErrorKind) -> bool:
        """Count a failure; whether a sample of it is still wanted in this second."""
        self.errors[kind.value] += 1
        kinds = {sample.kind for sample in self.samples}
        return kind.value not in kinds or len(self.samples) < SAMPLES_KEPT

    def keep(self, sample: ErrorSample) -> None:
        self.samples.append(sample)

    def close(self, *, second: int, elapsed_s: float, users: int, full: bool) -> SecondReport:
        """The report of the second that ends now; counting starts again from zero."""
        sketch = Sketch({bucket: n for bucket, n in enumerate(self.buckets) if n})
        report = SecondReport(
            second=second,
            elapsed_s=round(elapsed_s, 3),
            users=users,
            invocations=sketch.count + self.errors.total(),
            errors=dict(self.errors),
            client_latency_us=sketch,
            latency_total_us=round(self.latency_total, 1),
            latency_min_us=round(self.latency_min, 1) if sketch.count else 0.0,
            latency_max_us=round(self.latency_max, 1),
            cpu_share=self._cpu_share(),
            full=full,
            error_samples=tuple(self.samples),
        )
        self._clear()
        return report

    def _cpu_share(self) -> float:
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        share = (cpu_s - self._cpu_s) / max(wall_s - self._wall_s, 1e-6)
        self._cpu_s, self._wall_s = cpu_s, wall_s
        return round(share, 4)
