"""Which variant and which instance answers an invocation. Pure: no clock, no chance of its own."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol, TypeVar


class Loaded(Protocol):
    """An instance as routing sees it."""

    #: Invocations sent to it and not answered yet.
    outstanding: int
    #: The time before which it is only tried when nothing else is left.
    down_until: float


Instance = TypeVar("Instance", bound=Loaded)


def shares(weights: Sequence[float]) -> tuple[float, ...]:
    """Upper bounds in [0, 1] of each variant's share, in order; empty when nobody has weight."""
    total = sum(weights)
    if total <= 0:
        return ()
    bounds = [bound / total for bound in accumulate(weights)]
    # The last one with weight takes what rounding left over, so that every draw lands somewhere.
    last = max(index for index, weight in enumerate(weights) if weight > 0)
    return (*bounds[:last], *(1.0 for _ in bounds[last:]))


def by_share(bounds: Sequence[float], draw: float) -> int:
    """The index whose share holds `draw`, in [0, 1). A variant without weight has no share."""
    for index, bound in enumerate(bounds):
        if draw < bound:
            return index
    raise ValueError("nobody has weight, or the draw is not below 1")


def least_outstanding(
    instances: Sequence[Instance], *, start: int, now: float, skip: frozenset[int] = frozenset()
) -> int | None:
    """The index with the fewest outstanding invocations; ties go round from `start`.

    Instances that just failed to connect come last. None when all are in `skip`.
    """
    count = len(instances)
    best: int | None = None
    best_load = (True, 0)
    for step in range(count):
        index = (start + step) % count
        if index in skip:
            continue
        instance = instances[index]
        load = (instance.down_until > now, instance.outstanding)
        if best is None or load < best_load:
            best, best_load = index, load
    return best


def part_of(weight: float, production_weights: Sequence[float]) -> float:
    """The part of the requests that a weight stands for: of a production variant those that it
    answers, of a shadow variant those that are copied to it, at most all."""
    total = sum(production_weights)
    if total <= 0:
        return 0.0
    return min(1.0, max(0.0, weight) / total)
