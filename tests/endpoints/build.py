"""Makes models, configurations and endpoints through the services, as callers do."""

import json
from typing import Any

from consoleapp.accounts.actor import Actor
from endpoints import publish, queries, services, store
from endpoints.models import Endpoint, EndpointConfig, Instance
from endpoints.reconcile import reconcile
from endpoints.specs import VariantSpec

IMAGE = "inference-console/xgboost:3.2"


def make_config(
    actor: Actor,
    name: str = "c",
    *,
    variants: int = 1,
    instances: int = 1,
    behaviour: str = "",
    **members: Any,
) -> EndpointConfig:
    """Variants v1, v2, ... of models of their own; `behaviour` is told to the fake runner."""
    specs = []
    for number in range(1, variants + 1):
        model = f"{name}-m{number}"
        environment = {"FAKE": behaviour} if behaviour else {}
        services.create_model(
            actor, name=model, primary_container={"Image": IMAGE, "Environment": environment}
        )
        specs.append(
            VariantSpec(
                name=f"v{number}",
                model_name=model,
                instance_type="ml.c5.large",
                instance_count=instances,
                **members,
            )
        )
    return services.create_endpoint_config(actor, name=name, variants=specs)


def make_endpoint(actor: Actor, name: str = "e", **config: Any) -> Endpoint:
    """Only what is desired: nothing has been reconciled yet."""
    made = make_config(actor, f"{name}-c", **config)
    return services.create_endpoint(actor, name=name, config_name=made.name)


def serve(actor: Actor, name: str = "e", **config: Any) -> Endpoint:
    """An endpoint that has come up."""
    endpoint = make_endpoint(actor, name, **config)
    settle(endpoint)
    assert endpoint.status == "InService", endpoint.failure_reason
    return endpoint


def settle(endpoint: Endpoint, steps: int = 50) -> None:
    """Reconciles until there is nothing to do; the row is read again, if there still is one."""
    for _ in range(steps):
        if reconcile(endpoint.pk) is None:
            break
    else:
        raise AssertionError(f"{endpoint} does not settle in {steps} steps")
    found = Endpoint.objects.filter(pk=endpoint.pk).first()
    if found is not None:
        endpoint.refresh_from_db()


def instances(endpoint: Endpoint) -> list[Instance]:
    return list(queries.instances(endpoint))


def messages(endpoint: Endpoint) -> list[str]:
    return [event.message for event in queries.events(endpoint).order_by("id")]


def published(endpoint: Endpoint) -> dict[str, Any] | None:
    """What gateways are told, read from Redis."""
    raw = store.client().hget(publish.ROUTES, publish.key_of(endpoint))
    return None if raw is None else dict(json.loads(raw))


def published_instances(endpoint: Endpoint) -> list[str]:
    routes = published(endpoint)
    assert routes is not None
    return [one["name"] for variant in routes["variants"] for one in variant["instances"]]
