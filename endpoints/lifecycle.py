"""The only writer of statuses: compare-and-set, an event row, and a wake on commit."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from endpoints import wake
from endpoints.models import Endpoint, EndpointEvent, Instance
from endpoints.statuses import TRANSITIONS, EndpointStatus, InstanceStatus

#: Of one endpoint: a container that dies at each start tells so once a minute, for ever.
EVENTS_KEPT: Final = 1000
#: The longest span of an endpoint's charts, which mark the changes of its weights.
_CHARTED: Final = timedelta(weeks=1)


class IllegalTransition(RuntimeError):
    """A bug: this status may not follow that one."""


def transition(
    endpoint: Endpoint, to: EndpointStatus, *, message: str = "", **columns: Any
) -> bool:
    """Moves the endpoint on from the status it was read with; False when another was first.

    `columns` are set by the same UPDATE. Raises IllegalTransition when TRANSITIONS lacks the edge.
    """
    came_from = endpoint.status
    if to not in TRANSITIONS[came_from]:
        raise IllegalTransition(f"{endpoint}: {came_from} -> {to}")
    columns |= {"status": to.value, "modified_at": timezone.now()}
    with transaction.atomic():
        moved = Endpoint.objects.filter(pk=endpoint.pk, status=came_from).update(
            revision=F("revision") + 1, **columns
        )
        if not moved:
            return False
        _write_event(endpoint, came_from, to.value, message)
        wake.endpoint(endpoint.pk)
    for name, value in columns.items():
        setattr(endpoint, name, value)
    return True


def created(endpoint: Endpoint) -> None:
    """The first event of a new row. Call in the transaction that inserts it."""
    _write_event(endpoint, "", endpoint.status, f"Creating endpoint {endpoint.name}")
    wake.endpoint(endpoint.pk)


def tell(endpoint: Endpoint, message: str, *, since: datetime | None = None) -> None:
    """An event between transitions. What was said last, or at all since then, is not repeated."""
    said = EndpointEvent.objects.filter(endpoint=endpoint)
    last = said.order_by("-id").first()
    if last is not None and last.message == message:
        return
    if since is not None and said.filter(message=message, at__gte=since).exists():
        return
    with transaction.atomic():
        _write_event(endpoint, endpoint.status, endpoint.status, message)
        touch(endpoint.pk)


def touch(endpoint_pk: int) -> None:
    """Raises the revision: gateways and pages must notice what changed."""
    Endpoint.objects.filter(pk=endpoint_pk).update(revision=F("revision") + 1)


def move_instance(instance: Instance, to: InstanceStatus, **columns: Any) -> bool:
    """Moves one instance on from the status it was read with; False when another was first."""
    columns["status"] = to.value
    with transaction.atomic():
        moved = Instance.objects.filter(pk=instance.pk, status=instance.status).update(**columns)
        if moved:
            touch(instance.variant.endpoint_id)
    if moved:
        for name, value in columns.items():
            setattr(instance, name, value)
    return bool(moved)


def _write_event(endpoint: Endpoint, came_from: str, to: str, message: str) -> None:
    at: datetime = timezone.now()
    EndpointEvent.objects.create(
        endpoint=endpoint, at=at, from_status=came_from, to_status=to, message=message
    )
    _trim(endpoint)


def _trim(endpoint: Endpoint) -> None:
    """What was told of a shift is not counted: its page shows it for as long as there is one."""
    own = EndpointEvent.objects.filter(endpoint=endpoint, deployment=None)
    beyond = own.order_by("-id").values_list("id", flat=True)[EVENTS_KEPT : EVENTS_KEPT + 1]
    for newest in beyond:
        told = Q(from_status=F("to_status"))
        own.filter(told | Q(at__lt=timezone.now() - _CHARTED), id__lte=newest).delete()
