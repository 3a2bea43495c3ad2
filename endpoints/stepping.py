"""By how much an alarm's breach changes the number of instances: step scaling, pure.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from endpoints.scaling import Since, Wish

CHANGE, EXACT, PERCENT = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
DEFAULT_COOLDOWN_S: Final = 300
_MOST_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Step:
    """Bounds are relative to the alarm's threshold; -inf and inf where they are open."""

    lower: float
    upper: float
    adjustment: int


@dataclass(frozen=True, slots=True)
class Stepping:
    kind: str
    steps: tuple[Step, ...]
    #: Instances that a change in percent comes to at least.
    least_change: int = 0
    cooldown_s: float = DEFAULT_COOLDOWN_S
    aggregation: str = "Average"

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "Stepping":
        """From StepScalingPolicyConfiguration."""
        return cls(
            kind=members.get("AdjustmentType", ""),
            steps=tuple(_step(each) for each in members.get("StepAdjustments", ())),
            least_change=members.get("MinAdjustmentMagnitude", 0),
            cooldown_s=members.get("Cooldown", DEFAULT_COOLDOWN_S),
            aggregation=members.get("MetricAggregationType", "Average"),
        )


@dataclass(frozen=True, slots=True)
class Breach:
    """An alarm's call: its threshold, what its metric came to of late, and which way it breaches.

    Without a datapoint (somebody set the state, say) the metric counts as at the threshold.
    """

    alarm: str
    threshold: float
    datapoints: tuple[float, ...]
    above: bool
    period_s: int = 60

    def beyond(self, aggregation: str) -> float:
        """How far the metric is from the threshold."""
        if not self.datapoints:
            return 0.0
        if aggregation == "Average":
            return math.fsum(self.datapoints) / len(self.datapoints) - self.threshold
        whole = min if aggregation == "Minimum" else max
        return whole(self.datapoints) - self.threshold


def problem_of(stepping: Stepping) -> str | None:
    """Why these steps cannot be a policy."""
    steps = sorted(stepping.steps, key=lambda step: (step.lower, step.upper))
    if stepping.kind not in (CHANGE, EXACT, PERCENT):
        return "AdjustmentType is required for a step scaling policy."
    if not steps:
        return "At least one step adjustment is required for a step scaling policy."
    if len(steps) > _MOST_STEPS:
        return f"There can be at most {_MOST_STEPS} step adjustments per scaling policy."
    if stepping.least_change < 0 or stepping.cooldown_s < 0:
        return "MinAdjustmentMagnitude and Cooldown must be 0 or more."
    if stepping.kind == EXACT and any(step.adjustment < 0 for step in steps):
        return "An exact capacity must not be negative."
    return _problem_of_bounds(steps)


def _problem_of_bounds(steps: Sequence[Step]) -> str | None:
    for step in steps:
        if math.isinf(step.lower) and math.isinf(step.upper):
            return "The upper and lower bound of a StepAdjustment can't both be unspecified."
        if step.lower >= step.upper:
            return "The upper bound of a StepAdjustment must be greater than its lower bound."
    for before, after in zip(steps, steps[1:], strict=False):
        if before.upper > after.lower:
            return "StepAdjustment intervals can't overlap."
        if before.upper < after.lower:
            return "StepAdjustment intervals can't have gaps between them."
    if steps[0].lower < 0 and not math.isinf(steps[0].lower):
        return _unspecified("lower", "negative")
    if steps[-1].upper > 0 and not math.isinf(steps[-1].upper):
        return _unspecified("upper", "positive")
    return None


def wish(
    current: int, breaches: Iterable[Breach], stepping: Stepping, since: Since, base: int | None
) -> Wish | None:
    """None while no alarm calls, or none of the steps is meant. `base`: how many instances there
    were before the last step out: within its cooldown that one is part of the next."""
    wishes = [_wish(current, breach, stepping, since, base) for breach in breaches]
    voiced = [each for each in wishes if each is not None]
    return max(voiced, key=lambda each: each.count) if voiced else None


def _wish(
    current: int, breach: Breach, stepping: Stepping, since: Since, base: int | None
) -> Wish | None:
    beyond = breach.beyond(stepping.aggregation)
    step = _step_at(beyond, stepping.steps, above=_above(beyond, breach))
    if step is None:
        return None
    # An alarm calls once in each of its periods, however often it is looked at.
    cooldown_s = max(stepping.cooldown_s, breach.period_s)
    waiting = _within(since.out_s, cooldown_s)
    start = base if waiting and base is not None else current
    count = _changed(start, step, stepping)
    if waiting or (count < current and _within(since.in_s, cooldown_s)):
        count = max(count, current)
    cause = f"the alarm {breach.alarm} was {beyond:+g} from its threshold of {breach.threshold:g}"
    return Wish(count, cause, base=start)


def _within(elapsed_s: float | None, cooldown_s: float) -> bool:
    return elapsed_s is not None and elapsed_s < cooldown_s


def _above(beyond: float, breach: Breach) -> bool:
    return beyond > 0 or (beyond == 0 and breach.above)


def _step_at(beyond: float, steps: Sequence[Step], *, above: bool) -> Step | None:
    """Above the threshold the lower bound belongs to a step, below it the upper one."""
    for step in steps:
        if step.lower <= beyond < step.upper if above else step.lower < beyond <= step.upper:
            return step
    return None


def _changed(count: int, step: Step, stepping: Stepping) -> int:
    if stepping.kind == EXACT:
        return step.adjustment
    if stepping.kind == CHANGE:
        return max(count + step.adjustment, 0)
    return max(count + _share(count, step.adjustment, stepping.least_change), 0)


def _share(count: int, percent: int, least: int) -> int:
    """Rounded towards zero, but never to zero."""
    size = max(math.floor(count * abs(percent) / 100), 1 if percent else 0, least if percent else 0)
    return size if percent > 0 else -size


def _step(members: Mapping[str, Any]) -> Step:
    return Step(
        lower=members.get("MetricIntervalLowerBound", -math.inf),
        upper=members.get("MetricIntervalUpperBound", math.inf),
        adjustment=members["ScalingAdjustment"],
    )


def _unspecified(bound: str, sign: str) -> str:
    return (
        f"There must be a StepAdjustment with an unspecified {bound} bound when one StepAdjustment"
        f" has a {sign} {bound} bound."
    )
