"""What a job will take: tests, time at most, and what the same tests would cost at AWS."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from endpoints import capacity
from endpoints.errors import CannotGrant
from recommender import candidates, catalog
from recommender.plan import Known, Plan, make
from recommender.request import JobRequest
from recommender.rules.subject import Subject, resolve
from recommender.rules.traffic import total_seconds
from recommender.validation import normalised

#: Starting the endpoint, settling, reading and removing it, around the traffic of a test.
AROUND_A_TEST_S: Final = 20
#: At AWS an endpoint is billed while it is created too; five minutes is a usual wait.
AWS_CREATION_S: Final = 300


@dataclass(frozen=True, slots=True)
class Estimate:
    tests: int
    #: Tests that run traffic of their own; the others share one of these measurements.
    measured_tests: int
    seconds_at_most: int
    #: None where no price is known.
    usd_at_aws: float | None
    scale: float
    notes: list[str] = field(default_factory=list)


def estimate(actor: Actor, request: Mapping[str, Any]) -> Estimate:
    """An upper bound for a valid request; for one that is not, as far as it can be read."""
    wanted = JobRequest(normalised(request))
    subject, _ = resolve(actor, wanted)
    return of_plan(plan_of(actor, wanted, subject))


def plan_of(actor: Actor, request: JobRequest, subject: Subject | None) -> Plan:
    known = Known()
    if subject is not None:
        known = Known(
            supported_types=subject.supported_types,
            content_type=subject.content_type,
            accept=subject.accept,
            payload_url=subject.payload_url,
        )
    return make(
        request,
        known,
        quotas.limits(actor.team),
        refusal=catalog.type_refusal,
        price=catalog.price_of,
    )


def of_plan(plan: Plan) -> Estimate:
    measurable = [c for c in plan.candidates if not catalog.type_refusal(c.instance_type)]
    leaders = candidates.leaders(measurable, vcpus=catalog.vcpus_of, memory=catalog.memory_of)
    scale = scale_of(measurable)
    measured = [measurable[n] for n in sorted(set(leaders))]
    traffic_s = total_seconds(plan.traffic)
    notes = _notes(plan, scale, measured, len(measurable))
    return Estimate(
        tests=len(plan.candidates) + bool(plan.endpoint_name),
        measured_tests=len(measured) + bool(plan.endpoint_name),
        seconds_at_most=_seconds(plan, measured, scale, traffic_s),
        usd_at_aws=_usd(plan, traffic_s, notes),
        scale=scale,
        notes=notes,
    )


def scale_of(tests: list[candidates.Candidate]) -> float:
    """The one scale of a job with these tests; 1 where this machine cannot grant it at all."""
    if not tests:
        return 1.0
    try:
        return capacity.scale_for([catalog.vcpus_of(c.instance_type) for c in tests])
    except CannotGrant:
        return 1.0


def _seconds(plan: Plan, measured: list[candidates.Candidate], scale: float, traffic_s: int) -> int:
    """Rounds of tests side by side, as many as the cores and MaxParallelOfTests allow."""
    cores = len(capacity.measurable_cores())
    needs = [capacity.cores_needed(catalog.vcpus_of(c.instance_type) * scale) for c in measured]
    if plan.endpoint_name:
        needs.append(1)
    if not needs:
        return 0
    side_by_side = max(1, min(plan.max_parallel, cores // max(needs)))
    one_s = traffic_s + AROUND_A_TEST_S
    # No test is scheduled after the job's duration, but a running one finishes.
    return min(math.ceil(len(needs) / side_by_side) * one_s, plan.job_seconds + one_s)


def _usd(plan: Plan, traffic_s: int, notes: list[str]) -> float | None:
    prices = [catalog.price_of(c.instance_type) for c in plan.candidates if _known(c)]
    known = [price for price in prices if price is not None]
    if len(known) < len(plan.candidates):
        unknown = len(plan.candidates) - len(known)
        notes.append(f"The price of {unknown} of the configurations is not known.")
    if not known:
        return None
    return sum(known) * (traffic_s + AWS_CREATION_S) / 3600


def _known(candidate: candidates.Candidate) -> bool:
    return catalog.is_known(candidate.instance_type)


def _notes(plan: Plan, scale: float, measured: list[candidates.Candidate], tests: int) -> list[str]:
    notes = []
    if scale < 1:
        notes.append(
            f"Measured at {scale * 100:.3g}% of each size: throughput and cost are projected,"
            " latency includes throttling and is an upper bound."
        )
        if any(catalog.vcpus_of(c.instance_type) * scale < 1 for c in measured):
            notes.append(
                "Some are granted less than a core, which gives less than its share of one: they"
                " are projected too low, also beside those that get whole cores."
            )
    if len(measured) < tests:
        count = len(measured)
        notes.append(
            f"{tests} tests share {count} measurement{'s'[: count != 1]}: types with equal"
            " vCPUs differ here by price and memory alone."
        )
    if plan.endpoint_name:
        notes.append(f"The endpoint {plan.endpoint_name} is measured in place.")
    return notes
