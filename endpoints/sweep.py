"""Heals what no event told of: lost tasks, dead or hung instances, strays, lost Redis, old rows."""

from typing import Final

from endpoints import liveness, publish, wake
from endpoints.hosts import artifacts, registry
from endpoints.hosts.base import Phase
from endpoints.models import Endpoint, EndpointConfig, Instance, Model, ProductionVariant, Variant
from endpoints.statuses import EndpointStatus, InstanceStatus

_WORKING: Final = [
    EndpointStatus.CREATING,
    EndpointStatus.UPDATING,
    EndpointStatus.SYSTEM_UPDATING,
    EndpointStatus.ROLLING_BACK,
    EndpointStatus.DELETING,
]


def working_endpoints() -> None:
    """Endpoints on their way somewhere: their next task may have been lost."""
    for pk in Endpoint.objects.filter(status__in=_WORKING).values_list("pk", flat=True):
        wake.endpoint(pk)


def instances() -> None:
    """Endpoints that rest, with an instance that does not serve or should not be there."""
    rows = Instance.objects.exclude(variant__endpoint__status__in=_WORKING)
    found: set[int] = set()
    for row in rows.select_related("variant__endpoint"):
        endpoint = row.variant.endpoint
        seen = registry.runner(endpoint.host).poll(row.name)
        serves = row.status == InstanceStatus.IN_SERVICE and seen.phase is Phase.SERVING
        if not serves or endpoint.status == EndpointStatus.FAILED:
            found.add(endpoint.pk)
        elif list(seen.cores) != row.cores:
            # It has stepped aside for a test, or come back.
            Instance.objects.filter(pk=row.pk).update(cores=list(seen.cores))
    for pk in found:
        wake.endpoint(pk)


def strays() -> None:
    """What runs here without a row. Intent is written first, so nobody is about to claim it."""
    for kind in {registry.DEFAULT, *Endpoint.objects.values_list("host", flat=True).distinct()}:
        runner = registry.runner(kind)
        running = runner.find()
        known = set(Instance.objects.filter(name__in=running).values_list("name", flat=True))
        for name in running:
            if name not in known:
                runner.stop(name)


def routes_and_keys() -> None:
    publish.everything()


def deleted_rows() -> None:
    """Deleted configurations that no endpoint runs, then models that no configuration names."""
    gone = EndpointConfig.objects.filter(deleted_at__isnull=False)
    gone = gone.exclude(pk__in=Endpoint.objects.values("config"))
    gone.exclude(
        pk__in=Endpoint.objects.filter(pending_config__isnull=False).values("pending_config")
    ).delete()
    unused = Model.objects.filter(deleted_at__isnull=False)
    unused = unused.exclude(pk__in=ProductionVariant.objects.values("model"))
    unused.exclude(pk__in=Variant.objects.values("model")).delete()


def unused_models() -> None:
    artifacts.remove_unused()


def silent_instances() -> None:
    liveness.look()


PARTS: Final = (
    working_endpoints,
    instances,
    strays,
    routes_and_keys,
    deleted_rows,
    unused_models,
    silent_instances,
)
