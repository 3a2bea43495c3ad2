"""How traffic moves: the steps of a shift, and the weights and counts at each of them. Pure.

A share is how much of what is to move has moved: 0 at the start, 1 at the end. Between two fleets
it is the part of the traffic that the new fleet gets; between variants, how far their weights are
on the way from those before to those after.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: Shares are quotients: a third, three times, is not quite one.
_ROUNDING: Final = 1e-9


class Routing(StrEnum):
    ALL_AT_ONCE = "ALL_AT_ONCE"
    CANARY = "CANARY"
    LINEAR = "LINEAR"
    #: Instances are replaced batch by batch, so no second whole fleet is needed.
    ROLLING = "ROLLING"


class SizeKind(StrEnum):
    INSTANCE_COUNT = "INSTANCE_COUNT"
    CAPACITY_PERCENT = "CAPACITY_PERCENT"


class Wait(StrEnum):
    """What a step waits for, in the member's name that says how long."""

    INTERVAL = "WaitIntervalInSeconds"
    TERMINATION = "TerminationWaitInSeconds"


@dataclass(frozen=True, slots=True)
class Size:
    kind: SizeKind
    value: int

    def share_of(self, instances: int) -> float:
        """Of a fleet with that many instances; never more than the whole."""
        if self.kind is SizeKind.CAPACITY_PERCENT:
            return min(1.0, self.value / 100)
        return min(1.0, self.value / max(1, instances))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How to move. `size` is the canary's, the linear step's or the batch's."""

    routing: Routing
    wait_s: int = 0
    size: Size | None = None
    termination_wait_s: int = 0
    timeout_s: int | None = None
    #: How much goes back at once; None: all of it.
    rollback_size: Size | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Move to `share`, then watch it for `wait_s` seconds before the next step."""

    share: float
    wait_s: int
    wait: Wait = Wait.INTERVAL


def steps(policy: Policy, instances: int) -> tuple[Step, ...]:
    """Shares rise from step to step and end at exactly 1. `instances`: of the new fleet."""
    moves = [Step(share, policy.wait_s) for share in _shares(policy, instances)]
    if policy.termination_wait_s:
        moves.append(Step(1.0, policy.termination_wait_s, Wait.TERMINATION))
    return tuple(moves)


def _shares(policy: Policy, instances: int) -> list[float]:
    if policy.routing is Routing.ALL_AT_ONCE:
        return [1.0]
    assert policy.size is not None
    size = policy.size.share_of(instances)
    if policy.routing is Routing.CANARY:
        return [size, 1.0] if size < 1 else [1.0]
    count = math.ceil(1 / size - _ROUNDING)
    return [*(number * size for number in range(1, count)), 1.0]


def duration_s(planned: Sequence[Step]) -> int:
    """The waiting alone: bringing up instances comes on top."""
    return sum(step.wait_s for step in planned)


def weights_at(
    before: Mapping[str, float], after: Mapping[str, float], share: float
) -> dict[str, float]:
    """Each variant's weight when `share` of the way is done; the ends are met exactly."""
    if share <= 0:
        return dict(before)
    if share >= 1:
        return {name: after[name] for name in before}
    return {name: old + (after[name] - old) * share for name, old in before.items()}


def rescaled(weights: Mapping[str, float], total: float) -> dict[str, float]:
    """The same proportions with another sum. Raises ValueError when nobody has weight."""
    present = sum(weights.values())
    if present <= 0:
        raise ValueError("nobody has weight")
    return {name: weight * total / present for name, weight in weights.items()}


def counts_at(full: Mapping[str, int], share: float) -> dict[str, int]:
    """Instances of each variant that carry `share` of a fleet: one at least as long as it has
    any traffic."""
    return {name: math.ceil(count * share - _ROUNDING) for name, count in full.items()}


def portions(
    blue: Sequence[float], green: Sequence[float], share: float
) -> tuple[list[float], list[float]]:
    """Weights to publish for two fleets side by side: green gets `share` of all traffic.

    The sum stays blue's. A fleet in which nobody has weight gets none, as nobody could answer.
    """
    blue_sum, green_sum = sum(blue), sum(green)
    if share <= 0 or green_sum <= 0:
        return list(blue), [0.0] * len(green)
    if share >= 1 or blue_sum <= 0:
        return [0.0] * len(blue), list(green)
    scale = share * blue_sum / green_sum
    return [weight * (1 - share) for weight in blue], [weight * scale for weight in green]


def fleet_parts(blue: Sequence[float], green: Sequence[float], share: float) -> tuple[float, float]:
    """The part of all traffic that each of two fleets gets; none where nobody has weight."""
    of_blue, of_green = (sum(weights) for weights in portions(blue, green, share))
    whole = of_blue + of_green
    return (of_blue / whole, of_green / whole) if whole else (0.0, 0.0)


def next_back(share: float, policy: Policy, instances: int) -> float:
    """The share after the next step of a rollback: 0 at the last."""
    if policy.rollback_size is None:
        return 0.0
    left = share - policy.rollback_size.share_of(instances)
    return left if left > _ROUNDING else 0.0
