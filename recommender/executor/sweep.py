"""Finds what no message cares for any more: unfinished jobs, and endpoints without a test."""

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from consoleapp.accounts.actor import Actor
from endpoints.models import Endpoint
from endpoints.statuses import EndpointStatus
from recommender.executor.temporary import PREFIX, remove_named
from recommender.models import Job, JobStep
from recommender.statuses import TERMINAL, StepPhase

_ENDED: Final = [status.value for status in TERMINAL]


def unfinished() -> list[int]:
    """Jobs that a lost message may have left alone."""
    return list(Job.objects.exclude(status__in=_ENDED).values_list("pk", flat=True))


def remove_orphans() -> int:
    """Deletes benchmark endpoints that belong to no test in progress; says how many."""
    orphans = list(_orphans())
    for endpoint in orphans:
        remove_named(Actor.system(endpoint.team, endpoint.region), endpoint.name)
    return len(orphans)


def _orphans() -> Iterator[Endpoint]:
    benchmarks: QuerySet[Endpoint] = (
        Endpoint.objects.filter(purpose=Endpoint.Purpose.BENCHMARK, name__startswith=PREFIX)
        .exclude(status=EndpointStatus.DELETING)
        .select_related("team")
    )
    # A test writes its endpoint's name before it makes it: what is not named belongs to nobody.
    for endpoint in benchmarks:
        wanted = JobStep.objects.filter(
            job__team=endpoint.team, job__region=endpoint.region, endpoint_name=endpoint.name
        ).exclude(phase=StepPhase.DONE)
        wanted = wanted.exclude(job__status__in=_ENDED)
        if not wanted.exists():
            yield endpoint
