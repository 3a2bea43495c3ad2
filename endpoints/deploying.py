"""A model, a configuration and an endpoint of it in one go: all of them, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from consoleapp.accounts.actor import Actor
from endpoints import queries, services
from endpoints.models import Endpoint
from endpoints.specs import VariantSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """A registered version (`package`: its ARN) or an existing model, with more environment."""

    name: str
    package: str = ""
    like: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConfig:
    name: str
    variants: Sequence[VariantSpec]
    members: Mapping[str, Any] = field(default_factory=dict)


def deploy(
    actor: Actor, *, endpoint_name: str, config: NewConfig, model: NewModel | None = None
) -> Endpoint:
    """Raises what the services raise, and then nothing of it is there."""
    with transaction.atomic():
        if model is not None:
            create_model(actor, model)
        services.create_endpoint_config(
            actor, name=config.name, variants=config.variants, members=config.members
        )
        return services.create_endpoint(actor, name=endpoint_name, config_name=config.name)


def create_model(actor: Actor, wanted: NewModel) -> None:
    if wanted.package:
        services.create_model(
            actor,
            name=wanted.name,
            package=queries.package(actor, wanted.package),
            primary_container={"Environment": dict(wanted.environment)},
        )
        return
    like = queries.model(actor, wanted.like)
    environment = {**(like.container.get("Environment") or {}), **wanted.environment}
    services.create_model(
        actor,
        name=wanted.name,
        execution_role_arn=like.execution_role_arn,
        primary_container={**like.container, "Environment": environment},
    )
