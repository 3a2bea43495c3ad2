"""Tally: the counts of the second that is running, and the report they become."""

import time
from collections import Counter

import numpy as np

from consoleapp.metrics.folding import FOLD_AT, Folded
from recommender.loadtest.report import SAMPLES_KEPT, ErrorKind, ErrorSample, SecondReport


class Tally:
    """Users append the latency (s) of each successful answer to `latencies`, and that is all.

    They are folded in batches: fold_some() is called where a moment matters least.
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
        self._folded = Folded()
        self._errors: Counter[str] = Counter()
        self._samples: list[ErrorSample] = []

    def fold_some(self) -> None:
        if len(self.latencies) >= FOLD_AT:
            self._fold()

    def _fold(self) -> None:
        self._folded.add(np.array(self.latencies) * 1e6)
        self.latencies.clear()

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
        folded = self._folded
        report = SecondReport(
            second=second,
            elapsed_s=round(elapsed_s, 3),
            users=users,
            invocations=folded.count + self._errors.total(),
            errors=dict(self._errors),
            client_latency_us=folded.sketch(),
            latency_total_us=round(folded.total, 1),
            latency_min_us=round(folded.minimum, 1) if folded.count else 0.0,
            latency_max_us=round(folded.maximum, 1),
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
