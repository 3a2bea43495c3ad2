"""A shift as others show it: what each variant is doing now, in AWS's words."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from endpoints.models import Deployment, DeploymentStep, Endpoint, Variant
from endpoints.shift import Routing, Wait
from endpoints.shifting import advance
from endpoints.shifting.statuses import DeploymentStatus, StepStatus
from endpoints.statuses import SETTLED


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An active deployment, and the step it is at; None before the first and after the last."""

    deployment: Deployment
    step: DeploymentStep | None


def under_way(endpoint: Endpoint) -> UnderWay | None:
    deployment = None if endpoint.status in SETTLED else advance.active(endpoint)
    if deployment is None:
        return None
    unfinished = {StepStatus.PENDING, StepStatus.BAKING}
    steps = (step for step in deployment.steps.all() if step.status in unfinished)
    return UnderWay(deployment, next(steps, None))


def green_variants(shift: UnderWay) -> Iterable[Variant]:
    deployment = shift.deployment
    if deployment.green_fleet is None:
        return ()
    fleet = Variant.objects.filter(endpoint_id=deployment.endpoint_id, fleet=deployment.green_fleet)
    return fleet.select_related("model")


def status(shift: UnderWay | None, variant: Variant) -> dict[str, Any]:
    """VariantStatus of a variant that the shift concerns; empty for the others."""
    if shift is None:
        return {}
    found = _status(shift, variant)
    if found is None:
        return {}
    word, message, since = found
    told = {"Status": word, "StatusMessage": message or None, "StartTime": since}
    return {"VariantStatus": [{name: value for name, value in told.items() if value is not None}]}


def _status(shift: UnderWay, variant: Variant) -> tuple[str, str, Any] | None:
    deployment, step = shift.deployment, shift.step
    is_new = _gains(deployment, variant)
    if deployment.status == DeploymentStatus.ROLLING_BACK:
        word = "Deleting" if variant.fleet == deployment.green_fleet else "Updating"
        return word, "Rolling back.", deployment.created_at
    if not is_new:
        return None
    if step is not None and step.status == StepStatus.BAKING:
        return "Baking", baking(deployment, step, variant.desired_count), step.activated_at
    if variant.current_count < variant.desired_count:
        missing = f"{variant.current_count} of {variant.desired_count} instance(s) are in service."
        return "Creating", missing, deployment.created_at
    return "ActivatingTraffic", "", deployment.created_at


def _gains(deployment: Deployment, variant: Variant) -> bool:
    if deployment.kind == Deployment.Kind.FLEETS:
        return variant.fleet == deployment.green_fleet
    before = deployment.weights_before.get(variant.name, 0.0)
    return bool(deployment.weights_after.get(variant.name, 0.0) > before)


def baking(deployment: Deployment, step: DeploymentStep, instances: int) -> str:
    """AWS's sentence."""
    if step.share >= 1 or step.wait == Wait.TERMINATION:
        capacity = f"full capacity of {instances} instance(s)"
    elif deployment.policy["routing"] == Routing.CANARY:
        capacity = f"canary capacity of {math.ceil(step.share * instances)} instance(s)"
    else:
        capacity = f"{step.share:.4g} of the capacity of {instances} instance(s)"
    return f"Baking for {step.wait_s} seconds ({step.wait}) with traffic enabled on {capacity}."
