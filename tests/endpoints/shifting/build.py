"""Shifts that have begun, time that has passed, and what the new variants answered meanwhile."""

import json
import time
from datetime import timedelta
from typing import Any

from django.utils import timezone

from consoleapp.accounts.actor import Actor
from endpoints import shifts
from endpoints.models import Deployment, DeploymentStep, Endpoint
from endpoints.reconcile import reconcile
from endpoints.routing.table import EndpointRoute
from endpoints.shift import Policy, Routing, Size, SizeKind
from tests.consoleapp.metrics.samples import make_sample, store
from tests.endpoints.build import published

HALF = Size(SizeKind.CAPACITY_PERCENT, 50)
TENTH = Size(SizeKind.CAPACITY_PERCENT, 10)
LINEAR = Policy(routing=Routing.LINEAR, size=HALF, wait_s=60)
CANARY = Policy(routing=Routing.CANARY, size=TENTH, wait_s=60)
AT_ONCE = Policy(routing=Routing.ALL_AT_ONCE)


def deployment_config(routing: str = "CANARY", *, value: int = 10, **more: Any) -> dict[str, Any]:
    """As boto3 sends it; each step waits for a minute."""
    size = {"Type": "CAPACITY_PERCENT", "Value": value}
    if routing == "ROLLING":
        policy = {"MaximumBatchSize": size, "WaitIntervalInSeconds": 60, **more}
        return {"RollingUpdatePolicy": policy}
    traffic: dict[str, Any] = {"Type": routing, "WaitIntervalInSeconds": 60}
    if routing != "ALL_AT_ONCE":
        traffic["CanarySize" if routing == "CANARY" else "LinearStepSize"] = size
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": traffic, **more}}


def start(actor: Actor, name: str = "e", **more: Any) -> Deployment:
    return shifts.start_shift(actor, endpoint_name=name, **{"to": "v2", "policy": LINEAR, **more})


def step_on(endpoint: Endpoint, steps: int = 8) -> Endpoint:
    """Far enough for anything that need not wait."""
    for _ in range(steps):
        reconcile(endpoint.pk)
    endpoint.refresh_from_db()
    return endpoint


def pass_time(seconds: float) -> None:
    """As if what bakes had begun that much earlier."""
    for step in DeploymentStep.objects.exclude(activated_at=None):
        earlier = step.activated_at - timedelta(seconds=seconds)
        DeploymentStep.objects.filter(pk=step.pk).update(activated_at=earlier)


def overdue() -> None:
    Deployment.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))


def statuses(deployment: Deployment) -> list[str]:
    return [step.status for step in deployment.steps.order_by("number")]


def shares(endpoint: Endpoint) -> dict[str, float]:
    """Each published variant's part of the traffic; a fleet on its way in is marked so."""
    routes = published(endpoint)
    assert routes is not None
    assert EndpointRoute.read(json.dumps(routes)).serving
    whole = sum(variant["weight"] for variant in routes["variants"])
    return {
        variant["name"] + ("@" + variant["config"] if variant.get("config") else ""): (
            variant["weight"] / whole
        )
        for variant in routes["variants"]
    }


def answered(
    variant: str,
    *,
    invocations: int,
    errors: int = 0,
    latency_us: float = 1000.0,
    config: str = "",
    endpoint: str = "e",
) -> None:
    """What the gateway would have counted in this second."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    if config:
        dimensions["EndpointConfigName"] = config
    ones = [1.0] * errors + [0.0] * (invocations - errors)
    second = int(time.time())
    store(
        make_sample([1.0] * invocations, name="Invocations", dimensions=dimensions, second=second),
        make_sample(ones, name="Invocation5XXErrors", dimensions=dimensions, second=second),
        make_sample([latency_us] * invocations, dimensions=dimensions, second=second),
    )
