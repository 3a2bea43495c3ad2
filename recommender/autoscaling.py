"""From a measured configuration and the expected traffic to an autoscaling policy. Pure.

The arithmetic, as docs/aws.md has it:
  target    = invocations per minute of one instance x min(1, wanted CPU / CPU per core measured)
  capacity  = ceil(expected invocations per minute / target), at least 1
A CPU that was not measured counts as 100 %: the plateau is where an instance has no more to give.
"""

import math
from dataclasses import dataclass
from typing import Final

#: What Application Auto Scaling waits for SageMaker variants where nobody says otherwise.
COOLDOWN_S: Final = 300
DEFAULT_CPU_PERCENT: Final = 50


@dataclass(frozen=True, slots=True)
class Measured:
    """One instance at its plateau. CPU as CloudWatch has it: 100 for each core; None is unknown."""

    invocations_per_minute: float
    model_latency_us: int
    vcpus: float
    cpu_percent: float | None


@dataclass(frozen=True, slots=True)
class Policy:
    invocations_target: float
    cpu_target_percent: float
    min_capacity: int
    max_capacity: int


def policy(
    measured: Measured,
    *,
    cpu_per_core_percent: int = DEFAULT_CPU_PERCENT,
    least_per_minute: int | None = None,
    most_per_minute: int | None = None,
) -> Policy:
    """Without an expected traffic, the capacity is one instance."""
    seen = (measured.cpu_percent or 0.0) / measured.vcpus or 100.0
    target = measured.invocations_per_minute * min(1.0, cpu_per_core_percent / seen)
    target = max(1.0, float(math.floor(target)))
    least = _instances(least_per_minute, target)
    return Policy(
        invocations_target=target,
        cpu_target_percent=cpu_per_core_percent * measured.vcpus,
        min_capacity=least,
        max_capacity=max(least, _instances(most_per_minute, target)),
    )


def _instances(per_minute: int | None, target: float) -> int:
    return max(1, math.ceil((per_minute or 0) / target))
