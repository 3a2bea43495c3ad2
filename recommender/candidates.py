"""Which tests a job makes: endpoint configurations times environment ranges. Pure.

A Default job names no configurations: `default_instance_types` and `default_traffic` hold the
documented rule by which it chooses its own (docs/ranking.md).
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

#: Sizes of the general, compute and memory families that a Default job tries, cheapest first.
DEFAULT_TYPES: Final = (
    "ml.c5.large",
    "ml.m5.large",
    "ml.r5.large",
    "ml.c5.xlarge",
    "ml.m5.xlarge",
    "ml.r5.xlarge",
)
#: DescribeInferenceRecommendationsJob returns ten recommendations at most.
MOST_DEFAULT_TYPES: Final = 10
#: What ten configurations of five parameters with three values make: no valid request makes more.
MOST_EXPANDED: Final = 2430
#: AWS promises a Default job within 45 minutes.
DEFAULT_JOB_SECONDS: Final = 2700


@dataclass(frozen=True, slots=True)
class Candidate:
    """One test: an instance type with one environment."""

    instance_type: str
    environment: tuple[tuple[str, str], ...] = ()
    inference_specification_name: str = ""


@dataclass(frozen=True, slots=True)
class TrafficLimits:
    """The team's quotas that bound a Default job's traffic."""

    spawn_rate_max: int
    phase_seconds_min: int
    phase_seconds_max: int

    @classmethod
    def of(cls, limit: Callable[[str], float]) -> Self:
        return cls(
            spawn_rate_max=int(limit("recommender.spawn_rate.max")),
            phase_seconds_min=int(limit("recommender.phase_seconds.min")),
            phase_seconds_max=int(limit("recommender.phase_seconds.max")),
        )


def expand(configurations: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """Every configuration with every combination of its environment values, in the given order.

    Stops at MOST_EXPANDED: a draft may hold more combinations than there is memory for.
    """
    every = (
        Candidate(
            str(configuration.get("InstanceType", "")),
            environment,
            str(configuration.get("InferenceSpecificationName", "")),
        )
        for configuration in configurations
        for environment in _environments(configuration)
    )
    return list(itertools.islice(every, MOST_EXPANDED))


def count(configurations: Sequence[Mapping[str, Any]]) -> int:
    """How many tests `expand` would give, without making them."""
    return sum(math.prod(len(values) for _, values in _ranges(c)) for c in configurations)


def _environments(configuration: Mapping[str, Any]) -> Iterable[tuple[tuple[str, str], ...]]:
    ranges = _ranges(configuration)
    names = [name for name, _ in ranges]
    for values in itertools.product(*(values for _, values in ranges)):
        yield tuple(zip(names, values, strict=True))


def _ranges(configuration: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    ranges = configuration.get("EnvironmentParameterRanges") or {}
    parameters = ranges.get("CategoricalParameterRanges") or []
    return [(str(p.get("Name")), [str(v) for v in p.get("Value") or []]) for p in parameters]


def default_instance_types(
    supported: Sequence[str],
    *,
    refusal: Callable[[str], str | None],
    price: Callable[[str], float | None],
    most: int = MOST_DEFAULT_TYPES,
) -> list[str]:
    """The types a Default job tries: those the model package supports, else DEFAULT_TYPES;
    without those this host cannot measure; cheapest first, unknown prices last."""
    wanted = [name for name in dict.fromkeys(supported or DEFAULT_TYPES) if not refusal(name)]

    def by_price(name: str) -> tuple[bool, float, str]:
        known = price(name)
        return (known is None, known or 0.0, name)

    return sorted(wanted, key=by_price)[:most]


def default_traffic(limits: TrafficLimits) -> dict[str, Any]:
    """One phase from one user, adding users as fast as the team's quota allows (60 a minute at
    most) for the shortest phase of at least two minutes that it allows."""
    seconds = min(max(120, limits.phase_seconds_min), limits.phase_seconds_max)
    phase = {
        "InitialNumberOfUsers": 1,
        "SpawnRate": min(60, limits.spawn_rate_max),
        "DurationInSeconds": seconds,
    }
    return {"TrafficType": "PHASES", "Phases": [phase]}


def leaders(
    candidates: Sequence[Candidate],
    *,
    vcpus: Callable[[str], float],
    memory: Callable[[str], float],
) -> list[int]:
    """For each candidate the index of the one that measures for it.

    Equal vCPUs are equal grants here, so such types share one measurement per environment. The
    one with the least memory measures: what fits there fits the others.
    """
    groups: dict[tuple[object, ...], int] = {}
    keys = [
        (vcpus(c.instance_type), c.environment, c.inference_specification_name) for c in candidates
    ]
    for index, key in enumerate(keys):
        first = groups.setdefault(key, index)
        if memory(candidates[index].instance_type) < memory(candidates[first].instance_type):
            groups[key] = index
    return [groups[key] for key in keys]
