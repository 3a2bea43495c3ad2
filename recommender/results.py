"""From a reading to a recommendation's numbers, in AWS's arithmetic. Pure.

Floats here are Python's; AWS's float32 belongs to the wire.
"""

import math
from dataclasses import dataclass
from typing import Final

#: So that 999.9999999, a product of dividing by the scale, still counts as 1000.
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Figures:
    """What one configuration gives and costs. None means unknown, never zero."""

    instance_count: int
    max_invocations: int
    cost_per_hour_usd: float | None
    cost_per_inference_usd: float | None
    raw_max_invocations: float
    projected: bool


def figures(
    *,
    rate_per_minute: float,
    scale: float,
    price_usd_per_hour: float | None,
    target: int | None = None,
    instances: int = 1,
) -> Figures:
    """The numbers of a reading of `rate_per_minute` on `instances` instances at scale `scale`.

    With a target, as many instances as it needs; a scale below 1 projects the rate (x 1/scale).
    """
    raw = rate_per_minute / instances
    per_instance = math.floor(raw / scale + _ROUNDING)
    count = math.ceil(target / per_instance) if target and per_instance else 1
    max_invocations = per_instance * count
    per_hour = None if price_usd_per_hour is None else price_usd_per_hour * count
    return Figures(
        instance_count=count,
        max_invocations=max_invocations,
        cost_per_hour_usd=per_hour,
        cost_per_inference_usd=cost_per_inference(per_hour, max_invocations),
        raw_max_invocations=raw,
        projected=scale < 1,
    )


def cost_per_inference(cost_per_hour_usd: float | None, max_invocations: int) -> float | None:
    """Dollars per invocation at full load; None where the price or the rate is unknown."""
    if cost_per_hour_usd is None or max_invocations <= 0:
        return None
    return cost_per_hour_usd / (max_invocations * 60)
