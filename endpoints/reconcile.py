"""Reads what is desired and what is there, and does the next small thing.

Level-triggered: run twice, or by two workers at once, it changes nothing more than once.
"""

from typing import Final

from endpoints import lifecycle, publish
from endpoints.convergence import converge, wind_down
from endpoints.models import Endpoint, Variant
from endpoints.shifting import advance
from endpoints.statuses import EndpointStatus

STEP_S: Final = 0.5


def reconcile(pk: int) -> float | None:
    """One step. Answers in how many seconds to look again; None when there is nothing to do."""
    rows = Endpoint.objects.select_related("team", "config", "pending_config")
    endpoint = rows.filter(pk=pk).first()
    if endpoint is None:
        return None
    try:
        again = _STEPS[endpoint.status](endpoint)
    finally:
        # Also when a step failed half-way: an instance that left must not stay in the routes.
        publish.endpoint_soon(pk)
    return again


def _create(endpoint: Endpoint) -> float | None:
    report = converge(endpoint, endpoint.fleet)
    if report.fatal:
        lifecycle.transition(
            endpoint, EndpointStatus.FAILED, message=report.fatal, failure_reason=report.fatal
        )
    elif report.ready:
        lifecycle.transition(endpoint, EndpointStatus.IN_SERVICE, message="In service")
        return None
    return STEP_S


def _keep(endpoint: Endpoint) -> float | None:
    report = converge(endpoint, endpoint.fleet)
    return None if report.ready else STEP_S


def _update(endpoint: Endpoint) -> float | None:
    report = converge(endpoint, endpoint.fleet)
    deployment = advance.active(endpoint)
    if deployment is not None:
        green = endpoint.fleet if deployment.green_fleet is None else deployment.green_fleet
        wind_down(endpoint, Variant.objects.exclude(fleet__in={endpoint.fleet, green}))
        return advance.step(endpoint, deployment)
    if report.fatal:
        _stay_as_it_is(endpoint, report.fatal)
    gone = wind_down(endpoint, Variant.objects.exclude(fleet=endpoint.fleet))
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


def _roll_back(endpoint: Endpoint) -> float | None:
    deployment = advance.active(endpoint)
    if deployment is not None:
        back = advance.retreat(endpoint, deployment)
        if not back:
            return STEP_S if back is False else None
    converge(endpoint, endpoint.fleet)
    if not wind_down(endpoint, Variant.objects.exclude(fleet=endpoint.fleet)):
        return STEP_S
    advance.rolled_back(endpoint, deployment)
    return None


def _keep_both(endpoint: Endpoint) -> float | None:
    """Neither forward nor back: both fleets serve, each as far as it can."""
    fleets = Variant.objects.filter(endpoint=endpoint).values_list("fleet", flat=True)
    reports = [converge(endpoint, fleet) for fleet in sorted(set(fleets))]
    return None if all(report.ready for report in reports) else STEP_S


def _fail(endpoint: Endpoint) -> float | None:
    return None if wind_down(endpoint, Variant.objects.all()) else STEP_S


def _delete(endpoint: Endpoint) -> float | None:
    if not wind_down(endpoint, Variant.objects.all()):
        return STEP_S
    Endpoint.objects.filter(pk=endpoint.pk, status=EndpointStatus.DELETING).delete()
    return None


def _rest(endpoint: Endpoint) -> float | None:
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
