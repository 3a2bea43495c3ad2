"""SecondSeen and the trailing ten-second window every reading is made with. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consoleapp.metrics.sketch import Sketch

WINDOW_S: Final = 10
SECONDS_PER_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class SecondSeen:
    """One full second of a test: what the generators did and what the model took for it.

    `invocations` are all that ended, `errors` the failed among them.
    """

    second: int
    users: int
    invocations: int
    errors: int
    model_latency_us: Sketch

    @property
    def succeeded(self) -> int:
        return self.invocations - self.errors


def rate_per_minute(window: Sequence[SecondSeen]) -> float:
    """60 x the mean of the window. Failed invocations are no capacity and do not count."""
    if not window:
        return 0.0
    return SECONDS_PER_MINUTE * sum(seen.succeeded for seen in window) / len(window)


def latency_us(window: Sequence[SecondSeen], percentile: float) -> float | None:
    """The percentile over every invocation of the window; None when there was none."""
    return Sketch.merged(seen.model_latency_us for seen in window).percentile(percentile)


def trailing(seen: Sequence[SecondSeen], end: int) -> Sequence[SecondSeen]:
    """The window that ends with seen[end], shorter at the very start of a series."""
    return seen[max(0, end + 1 - WINDOW_S) : end + 1]
