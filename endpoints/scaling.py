"""When a variant gets more or fewer instances: target tracking as a pure function.

As Application Auto Scaling does it: three minutes above the target add instances at once, fifteen
minutes below nine tenths of it take some away, and a cooldown keeps one step from following
another before it shows.
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

PERIOD_S: Final = 60
PERIODS_OUT: Final = 3
PERIODS_IN: Final = 15
_LOW: Final = 0.9
DEFAULT_COOLDOWN_S: Final = 300


@dataclass(frozen=True, slots=True)
class Tracking:
    target: float
    out_cooldown_s: float = DEFAULT_COOLDOWN_S
    in_cooldown_s: float = DEFAULT_COOLDOWN_S
    scale_in: bool = True


@dataclass(frozen=True, slots=True)
class Bounds:
    least: int
    most: int

    def clamp(self, count: int) -> int:
        return min(max(count, self.least), self.most)


@dataclass(frozen=True, slots=True)
class Since:
    """Seconds since the last step out and the last step in; None where there was none."""

    out_s: float | None = None
    in_s: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How many instances one policy wants, and why. It is silent where its metric is."""

    count: int
    cause: str
    #: What the count was reckoned from, where that is not the current one.
    base: int | None = None


def wish(
    current: int, datapoints: Sequence[float | None], tracking: Tracking, since: Since
) -> Wish | None:
    """`datapoints`: the metric of the last fifteen minutes, oldest first; None is a missing one.

    None when this policy has no opinion: too little is known. A wish for `current` objects to
    any other policy's scaling in.
    """
    latest = list(datapoints[-PERIODS_OUT:])
    if len(latest) == PERIODS_OUT and all(v is not None and v > tracking.target for v in latest):
        return _out(current, [v for v in latest if v is not None], tracking, since)
    known = [v for v in datapoints[-PERIODS_IN:] if v is not None]
    if not known:
        return None
    low = tracking.target * _LOW
    if len(known) == PERIODS_IN and max(known) < low and tracking.scale_in:
        return _in(current, known, tracking, since)
    return Wish(current, "the metric is near its target")


def decide(current: int, wishes: Sequence[Wish | None], bounds: Bounds) -> Wish | None:
    """The largest wish, so that policies agree on scaling in; None when nothing is to be done."""
    if bounds.clamp(current) != current:
        return Wish(bounds.clamp(current), "the number of instances was out of its bounds")
    voiced = [each for each in wishes if each is not None]
    if not voiced:
        return None
    largest = max(voiced, key=lambda each: each.count)
    count = bounds.clamp(largest.count)
    return None if count == current else replace(largest, count=count)


def _out(current: int, values: list[float], tracking: Tracking, since: Since) -> Wish:
    if since.out_s is not None and since.out_s < tracking.out_cooldown_s:
        return Wish(current, "still cooling down")
    seen = values[-1]
    count = math.ceil(current * seen / tracking.target)
    text = f"the metric was {seen:g}, above the target of {tracking.target:g} for 3 minutes"
    return Wish(max(count, current + 1), text)


def _in(current: int, values: list[float], tracking: Tracking, since: Since) -> Wish:
    waited = [s for s in (since.in_s, since.out_s) if s is not None]
    if waited and min(waited) < tracking.in_cooldown_s:
        return Wish(current, "still cooling down")
    # By the busiest of the fifteen minutes: what is left must bear that one too.
    seen = max(values)
    count = math.ceil(current * seen / tracking.target)
    text = f"the metric was at most {seen:g}, below the target of {tracking.target:g}"
    return Wish(min(current, max(count, 1)), f"{text} for 15 minutes")
