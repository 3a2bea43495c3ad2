"""Reads what is desired and what is there, and does the next small thing.

Level-triggered: run twice, or by two workers at once, it changes nothing more than once.
"""

from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from endpoints import convergence, lifecycle, publish
from endpoints.convergence import Report
from endpoints.hosts import registry
from endpoints.models import Endpoint, EndpointConfig, Variant
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
    report = _converge(endpoint)
    if report.fatal:
        lifecycle.transition(
            endpoint, EndpointStatus.FAILED, message=report.fatal, failure_reason=report.fatal
        )
    elif report.ready:
        lifecycle.transition(endpoint, EndpointStatus.IN_SERVICE, message="In service")
        return None
    return STEP_S


def _keep(endpoint: Endpoint) -> float | None:
    report = _converge(endpoint)
    return None if report.ready else STEP_S


def _update(endpoint: Endpoint) -> float | None:
    report = _converge(endpoint)
    if endpoint.pending_config is not None:
        return _move_on(endpoint, endpoint.pending_config)
    if report.fatal:
        _stay_as_it_is(endpoint, report.fatal)
    gone = _wind_down(endpoint, Variant.objects.filter(fleet__lt=endpoint.fleet))
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


def _move_on(endpoint: Endpoint, config: EndpointConfig) -> float:
    """The next fleet comes up beside the one that serves; then all traffic moves at once."""
    green = _converge(endpoint, fleet=endpoint.fleet + 1)
    if green.fatal:
        lifecycle.transition(
            endpoint,
            EndpointStatus.ROLLING_BACK,
            message=f"{config.name} did not come up, rolling back. {green.fatal}",
            failure_reason=green.fatal,
        )
    elif green.ready:
        with transaction.atomic():
            moved = Endpoint.objects.filter(
                pk=endpoint.pk, status=endpoint.status, fleet=endpoint.fleet
            ).update(
                fleet=F("fleet") + 1,
                revision=F("revision") + 1,
                config=config,
                pending_config=None,
                modified_at=timezone.now(),
            )
            if moved:
                lifecycle.tell(endpoint, f"Traffic moved to {config.name}")
    return STEP_S


def _roll_back(endpoint: Endpoint) -> float | None:
    _converge(endpoint)
    if not _wind_down(endpoint, Variant.objects.filter(fleet__gt=endpoint.fleet)):
        return STEP_S
    lifecycle.transition(
        endpoint,
        EndpointStatus.IN_SERVICE,
        message=f"Rolled back to {endpoint.config.name}",
        pending_config=None,
    )
    return None


def _fail(endpoint: Endpoint) -> float | None:
    return None if _wind_down(endpoint, Variant.objects.all()) else STEP_S


def _delete(endpoint: Endpoint) -> float | None:
    if not _wind_down(endpoint, Variant.objects.all()):
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
    EndpointStatus.UPDATE_ROLLBACK_FAILED.value: _keep,
    EndpointStatus.OUT_OF_SERVICE.value: _rest,
    EndpointStatus.DELETING.value: _delete,
}


def _converge(endpoint: Endpoint, *, fleet: int | None = None) -> Report:
    report = Report()
    runner = registry.runner(endpoint.host)
    wanted = endpoint.fleet if fleet is None else fleet
    for variant in Variant.objects.filter(endpoint=endpoint, fleet=wanted).select_related("model"):
        convergence.step(variant, runner, report, wanted=True)
    return report


def _wind_down(endpoint: Endpoint, variants: QuerySet[Variant]) -> bool:
    """Lets every instance of these variants go; True once none is left."""
    report = Report()
    runner = registry.runner(endpoint.host)
    for variant in variants.filter(endpoint=endpoint).select_related("model"):
        convergence.step(variant, runner, report, wanted=False)
    if report.empty and endpoint.status != EndpointStatus.FAILED:
        variants.filter(endpoint=endpoint).delete()
    return report.empty
