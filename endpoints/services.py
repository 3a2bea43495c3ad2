"""Services for endpoint configurations and endpoints; all doors (pages, REST, AWS) call these."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from consoleapp.accounts import audit, quotas, tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import Role
from endpoints import capacity, fleets, instance_types, lifecycle, publish, queries, rules
from endpoints.errors import CannotGrant, already_existing, over_limit
from endpoints.hosts import registry
from endpoints.models import Endpoint, EndpointConfig, ProductionVariant, Variant
from endpoints.registry import (
    approve_package,
    create_model,
    create_package,
    create_package_group,
    delete_model,
    delete_package,
    delete_package_group,
    update_package,
)
from endpoints.specs import VariantSpec, WeightAndCapacity
from endpoints.statuses import EndpointStatus
from endpoints.updates import begin_update, check_instances, update_endpoint

__all__ = [
    "approve_package",
    "create_endpoint",
    "create_endpoint_config",
    "create_model",
    "create_package",
    "create_package_group",
    "delete_endpoint",
    "delete_endpoint_config",
    "delete_model",
    "delete_package",
    "delete_package_group",
    "update_endpoint",
    "update_package",
    "update_weights_and_capacities",
]


def create_endpoint_config(
    actor: Actor,
    *,
    name: str,
    variants: Sequence[VariantSpec],
    members: Mapping[str, Any] | None = None,
) -> EndpointConfig:
    """`members`: the other members of CreateEndpointConfig in AWS's names."""
    actor.must(Role.OPERATOR)
    other = members or {}
    _check_config(actor, name, variants, other)
    with transaction.atomic():
        lock_team(actor)
        _check_config_name_is_free(actor, name)
        config = _add_config(actor, name, other)
        _add_variants(actor, config, variants)
        audit.record(actor, "CreateEndpointConfig", config.arn)
    return config


def _check_config(
    actor: Actor, name: str, variants: Sequence[VariantSpec], members: Mapping[str, Any]
) -> None:
    rules.name(name, "EndpointConfigName")
    rules.variants(
        variants,
        most=quotas.limit(actor.team, "endpoints.variants.max"),
        most_instances=quotas.limit(actor.team, "endpoints.instances_per_endpoint.max"),
    )
    rules.offered(members)
    rules.data_capture(members.get("DataCaptureConfig"))


def _check_config_name_is_free(actor: Actor, name: str) -> None:
    if queries.endpoint_configs(actor).filter(name=name).exists():
        arn = queries.arn(actor, EndpointConfig.arn_kind, name)
        raise already_existing("endpoint configuration", arn)


def _add_config(actor: Actor, name: str, members: Mapping[str, Any]) -> EndpointConfig:
    other = dict(members)
    return EndpointConfig.objects.create(
        team=actor.team,
        region=actor.region,
        name=name,
        kms_key_id=str(other.pop("KmsKeyId", "")),
        data_capture_config=other.pop("DataCaptureConfig", None),
        async_inference_config=other.pop("AsyncInferenceConfig", None),
        other=other,
    )


def _add_variants(actor: Actor, config: EndpointConfig, variants: Sequence[VariantSpec]) -> None:
    names = dict.fromkeys(spec.model_name for spec in variants)
    models = {name: queries.model(actor, name) for name in names}
    for model in models.values():
        rules.one_container(model.name, [model.primary_container, *model.containers])
    ProductionVariant.objects.bulk_create(
        ProductionVariant(
            config=config,
            name=spec.name,
            model=models[spec.model_name],
            instance_type=spec.instance_type,
            initial_instance_count=spec.instance_count,
            initial_weight=spec.weight,
            shadow=spec.shadow,
            environment=dict(spec.environment),
            health_check_timeout_s=spec.health_check_timeout_s,
            download_timeout_s=spec.download_timeout_s,
            other=dict(spec.other),
        )
        for spec in variants
    )


def delete_endpoint_config(actor: Actor, *, name: str) -> None:
    """Gone from sight at once; an endpoint that was made from it keeps running, as at AWS."""
    actor.must(Role.OPERATOR)
    config = queries.endpoint_config(actor, name)
    with transaction.atomic():
        EndpointConfig.objects.filter(pk=config.pk).update(deleted_at=timezone.now())
        audit.record(actor, "DeleteEndpointConfig", config.arn)
        tags.forget(actor, config.arn)


def create_endpoint(
    actor: Actor,
    *,
    name: str,
    config_name: str,
    purpose: str = Endpoint.Purpose.SERVING,
    scale: float = 1.0,
) -> Endpoint:
    """Writes what is desired and wakes the reconciler; the answer's status is Creating.

    `scale` multiplies the vCPUs granted. A benchmark gets its cores for itself, or waits for them.
    """
    actor.must(Role.OPERATOR)
    rules.name(name, "EndpointName")
    config = queries.endpoint_config(actor, config_name)
    variants = list(config.variants.all())
    if purpose == Endpoint.Purpose.BENCHMARK:
        _check_cores(variants, scale)
    with transaction.atomic():
        lock_team(actor)
        if queries.endpoints(actor).filter(name=name).exists():
            raise already_existing("endpoint", queries.arn(actor, Endpoint.arn_kind, name))
        _check_endpoint_quota(actor)
        endpoint = Endpoint.objects.create(
            team=actor.team,
            region=actor.region,
            name=name,
            config=config,
            host=registry.DEFAULT,
            purpose=purpose,
            scale=scale,
        )
        fleets.add(endpoint, variants, fleet=0)
        lifecycle.created(endpoint)
        audit.record(actor, "CreateEndpoint", endpoint.arn, config=config_name, purpose=purpose)
    return endpoint


def delete_endpoint(actor: Actor, *, name: str) -> None:
    """Out of the routes at once; its instances drain and stop, then the row goes."""
    actor.must(Role.OPERATOR)
    endpoint = queries.endpoint(actor, name)
    with transaction.atomic():
        while endpoint.status != EndpointStatus.DELETING:
            if lifecycle.transition(endpoint, EndpointStatus.DELETING, message="Deleting"):
                audit.record(actor, "DeleteEndpoint", endpoint.arn)
                tags.forget(actor, endpoint.arn)
            else:
                endpoint.refresh_from_db()
    publish.endpoint_soon(endpoint.pk)


def update_weights_and_capacities(
    actor: Actor, *, name: str, desired: Sequence[WeightAndCapacity]
) -> Endpoint:
    """As UpdateEndpointWeightsAndCapacities: a weight holds at once, a count when it is there."""
    actor.must(Role.OPERATOR)
    endpoint = queries.endpoint(actor, name)
    with transaction.atomic():
        begin_update(endpoint, f"Updating weights and capacities: {_in_words(desired)}")
        variants = {variant.name: variant for variant in queries.variants(endpoint)}
        unknown = [item.variant for item in desired if item.variant not in variants]
        if unknown:
            raise ValidationFailed(
                f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint'
                f' configuration "{endpoint.config.name}".',
                field="DesiredWeightsAndCapacities",
            )
        for item in desired:
            _set_desired(variants[item.variant], item)
        check_instances(actor, endpoint, list(variants.values()))
        audit.record(actor, "UpdateEndpointWeightsAndCapacities", endpoint.arn)
    publish.endpoint_soon(endpoint.pk)
    return endpoint


def _set_desired(variant: Variant, item: WeightAndCapacity) -> None:
    if item.weight is not None:
        rules.weight(item.weight)
        variant.desired_weight = variant.current_weight = item.weight
    if item.instance_count is not None:
        rules.within(item.instance_count, 1, 1000, "DesiredInstanceCount")
        variant.desired_count = item.instance_count
    variant.save(update_fields=["desired_weight", "current_weight", "desired_count"])


def _in_words(desired: Sequence[WeightAndCapacity]) -> str:
    parts = []
    for item in desired:
        weight = "" if item.weight is None else f" weight {item.weight:g}"
        count = "" if item.instance_count is None else f" instances {item.instance_count}"
        parts.append(f"{item.variant}{weight}{count}")
    return ", ".join(parts)


def _check_endpoint_quota(actor: Actor) -> None:
    most = quotas.limit(actor.team, "endpoints.endpoints.max")
    used = queries.endpoints(actor).count()
    if used >= most:
        raise over_limit("Endpoints", most, used, 1)


def _check_cores(variants: list[ProductionVariant], scale: float) -> None:
    needed = sum(
        capacity.cores_needed((instance_types.instance_type(v.instance_type).vcpus or 1) * scale)
        * v.initial_instance_count
        for v in variants
    )
    free = len(capacity.measurable_cores())
    if needed > free:
        raise CannotGrant(
            f"This needs {needed} cores for itself at scale {scale:g};"
            f" the machine has {free} measurable core{'s'[: free != 1]}."
        )
