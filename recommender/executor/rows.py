"""Writes the rows of a job's tests, once, from its plan: which measure and which share."""

from django.db import transaction

from consoleapp.accounts.errors import CallerError
from endpoints import queries as endpoint_queries
from recommender import candidates, catalog, queries
from recommender.candidates import Candidate
from recommender.errors import TestFailed
from recommender.estimate import scale_of
from recommender.executor.temporary import actor_of
from recommender.models import Job, JobStep
from recommender.plan import Plan


def ensure(job: Job) -> list[JobStep]:
    """The job's tests in order. Raises TestFailed when there is nothing to test."""
    rows = steps_of(job)
    if rows:
        return rows
    plan = queries.plan_of(job)
    with transaction.atomic():
        # One scale for all of a job's tests: only equal scales can be ranked together.
        job.scale = scale_of(list(plan.candidates))
        Job.objects.filter(pk=job.pk).update(scale=job.scale)
        made = _existing(job, plan) + _own(job, plan, first=1 + bool(plan.endpoint_name))
        if not made:
            raise TestFailed("No instance type of this job can be measured here.")
        JobStep.objects.bulk_create(made)
        _share(made)
    return steps_of(job)


def steps_of(job: Job) -> list[JobStep]:
    rows = list(JobStep.objects.filter(job=job).select_related("shares").order_by("ordinal"))
    for row in rows:
        row.job = job
    return rows


def _existing(job: Job, plan: Plan) -> list[JobStep]:
    if not plan.endpoint_name:
        return []
    try:
        endpoint = endpoint_queries.endpoint(actor_of(job), plan.endpoint_name)
    except CallerError as gone:
        raise TestFailed(gone.message) from gone
    variant = endpoint_queries.variants(endpoint).first()
    return [
        JobStep(
            job=job,
            ordinal=1,
            existing_endpoint=True,
            endpoint_name=plan.endpoint_name,
            instance_type=variant.instance_type if variant else "",
            environment=variant.environment if variant else {},
        )
    ]


def _own(job: Job, plan: Plan, *, first: int) -> list[JobStep]:
    return [
        JobStep(
            job=job,
            ordinal=ordinal,
            instance_type=candidate.instance_type,
            environment=dict(candidate.environment),
            inference_specification_name=candidate.inference_specification_name,
        )
        for ordinal, candidate in enumerate(_in_order(plan), start=first)
    ]


def _in_order(plan: Plan) -> list[Candidate]:
    """As they are tested: the one that answers the pre-flight payload (begin.first_test) first."""
    given = list(plan.candidates)
    if plan.endpoint_name or not given:
        return given
    measuring = set(_leaders(given))
    first = max(measuring, key=lambda n: (catalog.memory_of(given[n].instance_type), -n))
    return [given[first], *given[:first], *given[first + 1 :]]


def _leaders(tests: list[Candidate]) -> list[int]:
    return candidates.leaders(tests, vcpus=catalog.vcpus_of, memory=catalog.memory_of)


def _share(made: list[JobStep]) -> None:
    own = [step for step in made if not step.existing_endpoint]
    tests = [
        Candidate(
            step.instance_type,
            tuple(sorted(step.environment.items())),
            step.inference_specification_name,
        )
        for step in own
    ]
    for index, leader in enumerate(_leaders(tests)):
        if index != leader:
            JobStep.objects.filter(pk=own[index].pk).update(shares=own[leader])
