"""Which recommendation is best for whom: weighted relative gains and the Pareto front. Pure.

Explained for readers in docs/ranking.md; FORMULA is what the page shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar


class Level(StrEnum):
    LOWEST = "Lowest"
    LOW = "Low"
    MODERATE = "Moderate"
    HIGH = "High"
    HIGHEST = "Highest"


#: Each level counts twice the one below it.
WEIGHTS: Final[dict[Level, int]] = {level: 2**n for n, level in enumerate(Level)}

FORMULA: Final = (
    "score = (w_cost x lowest cost / cost + w_latency x lowest latency / latency"
    " + w_throughput x throughput / highest throughput) / (w_cost + w_latency + w_throughput),"
    " with weights " + ", ".join(f"{level} = {weight}" for level, weight in WEIGHTS.items()) + "."
    " Cost is CostPerInference, or CostPerHour where the job has a target of MaxInvocations;"
    " latency is ModelLatency; throughput is MaxInvocations."
    " A configuration whose price is unknown is listed last and has no score."
)


@dataclass(frozen=True, slots=True)
class Importance:
    cost: Level = Level.MODERATE
    latency: Level = Level.MODERATE
    throughput: Level = Level.MODERATE

    @classmethod
    def of(cls, cost: str = "", latency: str = "", throughput: str = "") -> "Importance":
        """Reads level names in any case; an empty one means Moderate. ValueError when unknown."""
        return cls(*(_level(text) for text in (cost, latency, throughput)))


def _level(text: str) -> Level:
    return Level(text.strip().capitalize()) if text.strip() else Level.MODERATE


# Any row with a Recommendation's numbers. No Protocol: mypy does not see columns as properties.
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Gains:
    """Each from 0 to 1, where 1 is the best of all rows; cost is None where it is unknown."""

    cost: float | None
    latency: float
    throughput: float


@dataclass(frozen=True, slots=True)
class Ranked(Generic[RowT]):
    row: RowT
    #: 1 is the best; None where the row could not be compared.
    position: int | None
    score: float | None
    on_front: bool
    gains: Gains


@dataclass(frozen=True, slots=True)
class _Point:
    cost: float | None
    latency: float
    throughput: float


def rank(
    rows: Iterable[RowT], importance: Importance = Importance(), *, by_hour: bool = False
) -> list[Ranked[RowT]]:
    """The rows, best first; those whose cost is unknown come last, without a score.

    Reads cost_per_inference_usd (or cost_per_hour_usd), model_latency_us and max_invocations.
    """
    given = list(rows)
    points = [_point(row, by_hour) for row in given]
    gains = _gains(points)
    scores = [_score(gain, importance) for gain in gains]
    front = _front(points)
    order = sorted(range(len(given)), key=lambda n: (scores[n] is None, -(scores[n] or 0.0), n))
    return [
        Ranked(
            row=given[n],
            position=None if scores[n] is None else place,
            score=scores[n],
            on_front=front[n],
            gains=gains[n],
        )
        for place, n in enumerate(order, start=1)
    ]


def _point(row: Any, by_hour: bool) -> _Point:
    cost = row.cost_per_hour_usd if by_hour else row.cost_per_inference_usd
    return _Point(cost, float(row.model_latency_us), float(row.max_invocations))


def _gains(points: Sequence[_Point]) -> list[Gains]:
    costs = [point.cost for point in points if point.cost is not None]
    lowest_cost = min(costs, default=None)
    lowest_latency = min((point.latency for point in points), default=0.0)
    most = max((point.throughput for point in points), default=0.0)
    return [
        Gains(
            cost=_share(lowest_cost, point.cost),
            latency=_share(lowest_latency, point.latency) or 0.0,
            throughput=point.throughput / most if most else 1.0,
        )
        for point in points
    ]


def _share(best: float | None, value: float | None) -> float | None:
    if best is None or value is None:
        return None
    return best / value if value else 1.0


def _score(gains: Gains, importance: Importance) -> float | None:
    if gains.cost is None:
        return None
    weights = [WEIGHTS[level] for level in (importance.cost, importance.latency)]
    weights.append(WEIGHTS[importance.throughput])
    values = (gains.cost, gains.latency, gains.throughput)
    return sum(w * g for w, g in zip(weights, values, strict=True)) / sum(weights)


def _front(points: Sequence[_Point]) -> list[bool]:
    return [
        point.cost is not None and not any(_dominates(other, point) for other in points)
        for point in points
    ]


def _dominates(one: _Point, other: _Point) -> bool:
    """At least as good in all three, and better in one."""
    if one.cost is None or other.cost is None:
        return False
    mine = (-one.cost, -one.latency, one.throughput)
    theirs = (-other.cost, -other.latency, other.throughput)
    return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))
