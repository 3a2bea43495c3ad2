"""What a job will do, decided once when it is created and kept with it. Pure.

Quotas and catalogues may change later: a running job keeps its plan.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from recommender import candidates
from recommender.candidates import Candidate, TrafficLimits
from recommender.request import JobRequest

#: Between an answer and a user's next request, as over a network (design section 8).
DEFAULT_ROUND_TRIP_MS: Final = 10


@dataclass(frozen=True, slots=True)
class Plan:
    candidates: tuple[Candidate, ...]
    traffic: Mapping[str, Any]
    job_seconds: int
    max_parallel: int
    #: Content type and answer type of each invocation, and where the payloads are.
    content_type: str
    accept: str
    payload_url: str
    endpoint_name: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "candidates": [
                [
                    c.instance_type,
                    [list(pair) for pair in c.environment],
                    c.inference_specification_name,
                ]
                for c in self.candidates
            ],
            "traffic": dict(self.traffic),
            "job_seconds": self.job_seconds,
            "max_parallel": self.max_parallel,
            "content_type": self.content_type,
            "accept": self.accept,
            "payload_url": self.payload_url,
            "endpoint_name": self.endpoint_name,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        members = dict(kept)
        members["candidates"] = tuple(
            Candidate(name, tuple((key, value) for key, value in environment), specification)
            for name, environment, specification in kept["candidates"]
        )
        return cls(**members)


@dataclass(frozen=True, slots=True)
class Known:
    """What the plan needs to know of the model: see rules.subject.Subject."""

    supported_types: tuple[str, ...] = ()
    content_type: str = ""
    accept: str = ""
    payload_url: str = ""


def make(
    request: JobRequest,
    known: Known,
    limits: Mapping[str, float],
    *,
    refusal: Callable[[str], str | None],
    price: Callable[[str], float | None],
) -> Plan:
    """The plan of a request that validation found nothing wrong with."""
    most = int(limits["recommender.tests.max"])
    if request.is_default:
        tests = _default_candidates(request, known, most, refusal, price)
        traffic = candidates.default_traffic(TrafficLimits.of(limits.__getitem__))
    else:
        tests, traffic = candidates.expand(request.configurations), dict(request.traffic)
    return Plan(
        candidates=tuple(tests),
        traffic=traffic,
        job_seconds=_job_seconds(request, limits),
        max_parallel=request.max_parallel or int(limits["recommender.parallel_tests.max"]),
        content_type=known.content_type,
        accept=known.accept,
        payload_url=known.payload_url,
        endpoint_name=request.endpoint_name,
    )


def _default_candidates(
    request: JobRequest,
    known: Known,
    most: int,
    refusal: Callable[[str], str | None],
    price: Callable[[str], float | None],
) -> list[Candidate]:
    room = min(request.max_tests or most, most, candidates.MOST_DEFAULT_TYPES)
    types = candidates.default_instance_types(
        known.supported_types, refusal=refusal, price=price, most=room - bool(request.endpoint_name)
    )
    return [Candidate(name) for name in types]


def _job_seconds(request: JobRequest, limits: Mapping[str, float]) -> int:
    default = candidates.DEFAULT_JOB_SECONDS if request.is_default else None
    return request.job_seconds or default or int(limits["recommender.job_seconds.max"])
