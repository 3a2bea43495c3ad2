"""Takes variants that lost their traffic off the endpoint, without touching those that serve."""

from itertools import count

from django.db.models import F, Max
from django.utils import timezone

from endpoints.models import (
    Deployment,
    Endpoint,
    EndpointConfig,
    ProductionVariant,
    Variant,
)


def remove_variants(endpoint: Endpoint, deployment: Deployment) -> None:
    """Call in the transaction that completes the deployment.

    The others become the next fleet as they are, with their instances: the reconciler winds down
    what stays behind. The endpoint gets a configuration that says what it has now.
    """
    config = _configuration(endpoint, deployment)
    number = next_fleet(endpoint)
    moved = Endpoint.objects.filter(pk=endpoint.pk, fleet=endpoint.fleet).update(
        fleet=number,
        revision=F("revision") + 1,
        config=config,
        modified_at=timezone.now(),
    )
    if moved:
        Variant.objects.filter(endpoint=endpoint, fleet=endpoint.fleet).exclude(
            name__in=deployment.remove
        ).update(fleet=number)
        Deployment.objects.filter(pk=deployment.pk).update(to_config=config.name)


def next_fleet(endpoint: Endpoint) -> int:
    """Never one that was there before: a worker that is late takes no new fleet for an old one."""
    running = Variant.objects.filter(endpoint=endpoint).aggregate(most=Max("fleet"))["most"]
    planned = Deployment.objects.filter(endpoint=endpoint).aggregate(most=Max("green_fleet"))
    return max(endpoint.fleet, running or 0, planned["most"] or 0) + 1


def _configuration(endpoint: Endpoint, deployment: Deployment) -> EndpointConfig:
    before = endpoint.config
    config = EndpointConfig.objects.create(
        team=endpoint.team,
        region=endpoint.region,
        name=_free_name(endpoint, deployment),
        kms_key_id=before.kms_key_id,
        data_capture_config=before.data_capture_config,
        async_inference_config=before.async_inference_config,
        other=before.other,
    )
    running = {
        variant.name: variant
        for variant in Variant.objects.filter(endpoint=endpoint, fleet=endpoint.fleet)
    }
    for variant in before.variants.exclude(name__in=deployment.remove):
        now = running[variant.name]
        variant.pk = None
        variant._state.adding = True
        variant.config = config
        variant.initial_weight = now.desired_weight
        variant.initial_instance_count = now.desired_count
        ProductionVariant.objects.bulk_create([variant])
    return config


def _free_name(endpoint: Endpoint, deployment: Deployment) -> str:
    taken = EndpointConfig.objects.filter(
        team=endpoint.team, region=endpoint.region, deleted_at=None
    )
    base = f"{endpoint.config.name[:44].rstrip('-')}-shift-{deployment.number}"
    names = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(name for name in names if not taken.filter(name=name).exists())
