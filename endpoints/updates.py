"""UpdateEndpoint: another configuration's fleet beside the one that serves, then the traffic."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import transaction

from consoleapp.accounts import audit, quotas
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.models import Role
from endpoints import fleets, lifecycle, queries
from endpoints.errors import over_limit
from endpoints.models import Deployment, Endpoint, EndpointConfig, Variant
from endpoints.shifting import planning, policy
from endpoints.shifting.guards import Guards
from endpoints.shifting.removal import next_fleet
from endpoints.statuses import EndpointStatus

_UPDATABLE: Final = frozenset({EndpointStatus.IN_SERVICE, EndpointStatus.UPDATE_ROLLBACK_FAILED})


def update_endpoint(
    actor: Actor,
    *,
    name: str,
    config_name: str,
    retain_variant_properties: bool = False,
    exclude_retained: Collection[str] = (),
    deployment_config: Mapping[str, Any] | None = None,
    guards: Guards | None = None,
) -> Endpoint:
    """The other configuration's fleet comes up beside the present one, which then gives way.

    `retain_variant_properties` keeps weights and counts of variants that both have, but for those
    of `exclude_retained`. `deployment_config` is AWS's DeploymentConfig: all at once without one.
    `guards` watch beside its alarms.
    """
    actor.must(Role.OPERATOR)
    endpoint = queries.endpoint(actor, name)
    config = queries.endpoint_config(actor, config_name)
    how = policy.from_aws(deployment_config)
    watched = planning.guards_with_alarms(actor, guards, policy.alarms_in(deployment_config))
    with transaction.atomic():
        message = f"Updating to endpoint configuration {config.name}"
        begin_update(endpoint, message, pending_config=config)
        kept = list(queries.variants(endpoint)) if retain_variant_properties else []
        retained = fleets.RETAINABLE - set(exclude_retained)
        blue, green = _add_fleet(endpoint, config, kept, retained)
        check_instances(actor, endpoint, green)
        made = planning.between_fleets(
            endpoint,
            blue,
            green,
            how,
            config=dict(deployment_config) if deployment_config else None,
            guards=watched,
            by=planning.name_of(actor),
        )
        audit.record(
            actor, "UpdateEndpoint", endpoint.arn, config=config_name, deployment=made.number
        )
    return endpoint


def _add_fleet(
    endpoint: Endpoint, config: EndpointConfig, kept: list[Variant], retained: frozenset[str]
) -> tuple[list[Variant], list[Variant]]:
    """The variants that serve, and those that are to."""
    every = Variant.objects.filter(endpoint=endpoint)
    number = next_fleet(endpoint)
    fleets.add(endpoint, list(config.variants.all()), fleet=number, kept=kept, retained=retained)
    return list(every.filter(fleet=endpoint.fleet)), list(every.filter(fleet=number))


def begin_update(endpoint: Endpoint, message: str, **columns: Any) -> None:
    """Only one change at a time. Raises ValidationFailed while another is under way."""
    # What a failed rollback left beside the fleet that serves is given up now.
    columns = {"pending_config": None, "pending_share": 0.0, "failure_reason": "", **columns}
    if endpoint.status not in _UPDATABLE or not lifecycle.transition(
        endpoint, EndpointStatus.UPDATING, message=message, **columns
    ):
        raise ValidationFailed(f'Cannot update in-progress endpoint "{endpoint.arn}".')
    # A whole change may have come and gone since the endpoint was read.
    endpoint.refresh_from_db(fields=["fleet", "config"])


def check_instances(actor: Actor, endpoint: Endpoint, variants: list[Variant]) -> None:
    most = quotas.limit(actor.team, "endpoints.instances_per_endpoint.max")
    wanted = sum(variant.desired_count for variant in variants)
    if wanted > most:
        running = sum(variant.current_count for variant in variants)
        raise over_limit("Instances of one endpoint", most, running, wanted - running)


def last_deployment_config(endpoint: Endpoint) -> dict[str, Any] | None:
    """Of the last update that named one."""
    named = Deployment.objects.filter(
        endpoint=endpoint, kind=Deployment.Kind.FLEETS, config__isnull=False
    )
    return named.order_by("-id").values_list("config", flat=True).first() or None
