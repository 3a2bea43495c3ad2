"""Counts latencies into a sketch's buckets in batches.

A logarithm at a time costs more than all else that is kept of a request, in batches a tenth of it.
Pure: the gateway and the load generator use it.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consoleapp.metrics.sketch import GAMMA, Sketch

#: As many latencies are worth a batch.
FOLD_AT: Final = 1024
_LOG_GAMMA: Final = math.log(GAMMA)
# From a nanosecond to twelve days: no latency lies beyond.
_LEAST_US, _MOST_US = 1e-3, 1e12
_LOWEST: Final = math.ceil(math.log(_LEAST_US) / _LOG_GAMMA)
_BUCKETS: Final = math.ceil(math.log(_MOST_US) / _LOG_GAMMA) - _LOWEST + 1
# Shared by all that have counted nothing: most variants of a large fleet are idle.
_NOTHING: Final = np.zeros(_BUCKETS, dtype=np.int64)


class Folded:
    """The latencies of one second, in microseconds."""

    __slots__ = ("_buckets", "count", "maximum", "minimum", "total")

    def __init__(self) -> None:
        self._buckets = _NOTHING
        self.count = 0
        self.total = 0.0
        self.minimum = float("inf")
        self.maximum = 0.0

    def add(self, us: NDArray[np.float64]) -> None:
        """None of them is there twice: the caller empties what it collected."""
        if not us.size:
            return
        # As in sketch.bucket_of.
        logarithms = np.log(np.minimum(np.maximum(us, _LEAST_US), _MOST_US))
        buckets = np.ceil(logarithms / _LOG_GAMMA).astype(np.int64) - _LOWEST
        self._buckets = self._buckets + np.bincount(buckets, minlength=_BUCKETS)
        self.count += us.size
        self.total += float(us.sum())
        self.minimum = min(self.minimum, float(us.min()))
        self.maximum = max(self.maximum, float(us.max()))

    def sketch(self) -> Sketch:
        seen = np.flatnonzero(self._buckets)
        return Sketch({int(index) + _LOWEST: int(self._buckets[index]) for index in seen})
