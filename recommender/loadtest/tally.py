"""Tally: the counts of the second that is running, and the report they become."""

import math
import time
from collections import Counter
from typing import Final

import numpy as np

from consoleapp.metrics.sketch import GAMMA, Sketch
from recommender.loadtest.report import SAMPLES_KEPT, ErrorKind, ErrorSample, SecondReport

_LOG_GAMMA: Final = math.log(GAMMA)
# Bucket 1399 of the sketch is twelve days in microseconds: no latency lies beyond.
_BUCKETS: Final = 1400
_FOLD_AT: Final = 1024
_NEVER: Final = float("inf")


class Tally:
    """Users append the latency (s) of each successful answer to `latencies`, and that is all.

    Taking logarithms one by one costs as much as the rest of an answer's bookkeeping, in batches
    a third of it: fold_some() is called where a moment matters least.
    """

    def __init__(self) -> None:
        # Users keep its append: emptied, never replaced.
        self.latencies: list[float] = []
        self.restart()

    def restart(self) -> None:
        """Begin a second now, with nothing counted and no CPU time used."""
        self._cpu_s = time.process_time()
        self._wall_s = time.perf_counter()
        self._clear()

    def _clear(self) -> None:
        self.latencies.clear()
        self._buckets = np.zeros(_BUCKETS, dtype=np.int64)
        self._total_us = 0.0
        self._least_us = _NEVER
        self._most_us = 0.0
        self._errors: Counter[str] = Counter()
        self._samples: list[ErrorSample] = []

    def fold_some(self) -> None:
        if len(self.latencies) >= _FOLD_AT:
            self._fold()

    def _fold(self) -> None:
        if not self.latencies:
            return
        us = np.array(self.latencies) * 1e6
        self.latencies.clear()
        # As in sketch.bucket_of.
        buckets = np.ceil(np.log(us) / _LOG_GAMMA).astype(np.int64)
        self._buckets += np.bincount(buckets, minlength=_BUCKETS)
        self._total_us += float(us.sum())
        self._least_us = min(self._least_us, float(us.min()))
        self._most_us = max(self._most_us, float(us.max()))

    def fail(self, kind: ErrorKind) -> bool:
        """Count a failure; whether a sample of it is wanted: one of each kind, a few in all."""
        self._errors[kind.value] += 1
        new = self._errors[kind.value] == 1
        return new or len(self._samples) < SAMPLES_KEPT

    def keep(self, sample: ErrorSample) -> None:
        self._samples.append(sample)

    def close(self, *, second: int, elapsed_s: float, users: int, full: bool) -> SecondReport:
        """The report of the second that ends now; counting starts again from zero."""
        self._fold()
        sketch = Sketch({int(b): int(self._buckets[b]) for b in np.flatnonzero(self._buckets)})
        report = SecondReport(
            second=second,
            elapsed_s=round(elapsed_s, 3),
            users=users,
            invocations=sketch.count + self._errors.total(),
            errors=dict(self._errors),
            client_latency_us=sketch,
            latency_total_us=round(self._total_us, 1),
            latency_min_us=round(self._least_us, 1) if sketch.count else 0.0,
            latency_max_us=round(self._most_us, 1),
            cpu_share=self._cpu_share(),
            full=full,
            error_samples=tuple(self._samples),
        )
        self._clear()
        return report

    def _cpu_share(self) -> float:
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        share = (cpu_s - self._cpu_s) / max(wall_s - self._wall_s, 1e-6)
        self._cpu_s, self._wall_s = cpu_s, wall_s
        return round(share, 4)
