"""Reads what is desired and what is there, and does the next small thing.

Level-triggered: run twice, or by two workers at once, it changes nothing more than once.
"""

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from endpoints import lifecycle, publish
from endpoints.convergence import converge, wind_down
from endpoints.models import Deployment, Endpoint, Variant
from endpoints.shifting import advance
from endpoints.shifting.statuses import ACTIVE
from endpoints.statuses import EndpointStatus

STEP_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """An endpoint and its active deployment as one query found them, and the fleets before that.

    Another worker may be ahead meanwhile. A fleet that is `leaving` by this is so for good, as
    fleet numbers are never used again: one that came since is not in it.
    """

    endpoint: Endpoint
    deployment: Deployment | None
    fleets: frozenset[int]

    @property
    def leaving(self) -> QuerySet[Variant]:
        staying = {self.endpoint.fleet}
        if self.deployment is not None and self.deployment.green_fleet is not None:
            staying.add(self.deployment.green_fleet)
        return Variant.objects.filter(fleet__in=self.fleets - staying)


def reconcile(pk: int) -> float | None:
    """One step. Answers in how many seconds to look again; None when there is nothing to do."""
    seen = _look(pk)
    if seen is None:
        return None
    try:
        again = _STEPS[seen.endpoint.status](seen)
    finally:
        # Also when a step failed half-way: an instance that left must not stay in the routes.
        publish.endpoint_soon(pk)
    return again


def _look(pk: int) -> Seen | None:
    fleets = frozenset(Variant.objects.filter(endpoint=pk).values_list("fleet", flat=True))
    active = Deployment.objects.filter(endpoint=OuterRef("pk"), status__in=ACTIVE)
    rows = Endpoint.objects.select_related("team", "config", "pending_config")
    endpoint = rows.annotate(shift=Subquery(active.values("pk")[:1])).filter(pk=pk).first()
    if endpoint is None:
        return None
    deployments = Deployment.objects.select_related("endpoint__team")
    return Seen(endpoint, deployments.filter(pk=endpoint.shift).first(), fleets)


def _create(seen: Seen) -> float | None:
    endpoint = seen.endpoint
    report = converge(endpoint, endpoint.fleet)
    if report.fatal:
        lifecycle.transition(
            endpoint, EndpointStatus.FAILED, message=report.fatal, failure_reason=report.fatal
        )
    elif report.ready:
        publish.ahead(endpoint)
        lifecycle.transition(endpoint, EndpointStatus.IN_SERVICE, message="In service")
        return None
    return STEP_S


def _keep(seen: Seen) -> float | None:
    report = converge(seen.endpoint, seen.endpoint.fleet)
    return None if report.ready else STEP_S


def _update(seen: Seen) -> float | None:
    endpoint = seen.endpoint
    report = converge(endpoint, endpoint.fleet)
    gone = wind_down(endpoint, seen.leaving)
    if seen.deployment is not None:
        return advance.step(endpoint, seen.deployment)
    if report.fatal:
        _stay_as_it_is(endpoint, report.fatal)
    if report.ready and gone:
        lifecycle.transition(endpoint, EndpointStatus.IN_SERVICE, message="In service")
        return None
    return STEP_S


def _stay_as_it_is(endpoint: Endpoint, reason: str) -> None:
    """New instances do not come up: what serves goes on serving, in the count that serves."""
    for variant in Variant.objects.filter(endpoint=endpoint, fleet=endpoint.fleet):
        Variant.objects.filter(pk=variant.pk).update(desired_count=max(1, variant.current_count))
    Endpoint.objects.filter(pk=endpoint.pk).update(failure_reason=reason)
    lifecycle.tell(endpoint, f"Keeping the instances that serve. {reason}")


def _roll_back(seen: Seen) -> float | None:
    endpoint, deployment = seen.endpoint, seen.deployment
    if deployment is not None:
        back = advance.retreat(endpoint, deployment)
        if not back:
            return STEP_S if back is False else None
    converge(endpoint, endpoint.fleet)
    green = Variant.objects.filter(fleet__in=seen.fleets - {endpoint.fleet})
    if not wind_down(endpoint, green):
        return STEP_S
    advance.rolled_back(endpoint, deployment)
    return None


def _keep_both(seen: Seen) -> float | None:
    """Neither forward nor back: both fleets serve, each as far as it can. What an update before
    that left goes on leaving."""
    both = {seen.endpoint.fleet, max(seen.fleets, default=seen.endpoint.fleet)}
    reports = [converge(seen.endpoint, fleet) for fleet in sorted(both)]
    gone = wind_down(seen.endpoint, Variant.objects.filter(fleet__in=seen.fleets - both))
    return None if gone and all(report.ready for report in reports) else STEP_S


def _fail(seen: Seen) -> float | None:
    return None if wind_down(seen.endpoint, Variant.objects.all()) else STEP_S


def _delete(seen: Seen) -> float | None:
    if not wind_down(seen.endpoint, Variant.objects.all()):
        return STEP_S
    endpoint = seen.endpoint
    with transaction.atomic():
        gone, _ = Endpoint.objects.filter(pk=endpoint.pk, status=EndpointStatus.DELETING).delete()
        if gone:
            # While it went it could still be tagged.
            tags.forget(Actor.system(endpoint.team, endpoint.region), endpoint.arn)
    return None


def _rest(seen: Seen) -> float | None:
    return None


_STEPS: Final = {
    EndpointStatus.CREATING.value: _create,
    EndpointStatus.IN_SERVICE.value: _keep,
    EndpointStatus.UPDATING.value: _update,
    EndpointStatus.SYSTEM_UPDATING.value: _update,
    EndpointStatus.ROLLING_BACK.value: _roll_back,
    EndpointStatus.FAILED.value: _fail,
    EndpointStatus.UPDATE_ROLLBACK_FAILED.value: _keep_both,
    EndpointStatus.OUT_OF_SERVICE.value: _rest,
    EndpointStatus.DELETING.value: _delete,
}
