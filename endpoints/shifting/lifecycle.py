"""The only writer of deployments' and steps' statuses: compare-and-set, an event row, a wake.

Rows are written in one order, the endpoint, its deployment, the step: who goes on and who rolls
back at the same moment wait for each other, and never both.
"""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from endpoints import lifecycle, wake
from endpoints.lifecycle import IllegalTransition
from endpoints.models import Deployment, DeploymentStep, Endpoint, EndpointEvent, Variant
from endpoints.shifting.statuses import (
    ACTIVE,
    STEP_TRANSITIONS,
    TRANSITIONS,
    DeploymentStatus,
    StepStatus,
)
from endpoints.statuses import EndpointStatus


class _TooLateError(Exception):
    """Another process moved the endpoint first: nothing of this is written."""


@transaction.atomic
def transition(
    deployment: Deployment, to: DeploymentStatus, *, message: str, **columns: Any
) -> bool:
    """Moves it on from the status it was read with; False when another was first."""
    came_from = deployment.status
    if to not in TRANSITIONS[came_from]:
        raise IllegalTransition(f"deployment {deployment}: {came_from} -> {to}")
    if to.value not in ACTIVE:
        columns.setdefault("ended_at", timezone.now())
    columns["status"] = to.value
    lifecycle.touch(deployment.endpoint_id)
    moved = Deployment.objects.filter(pk=deployment.pk, status=came_from).update(
        revision=F("revision") + 1, **columns
    )
    if not moved:
        return False
    _write_event(deployment, message)
    wake.endpoint(deployment.endpoint_id)
    for name, value in columns.items():
        setattr(deployment, name, value)
    return True


def move_step(step: DeploymentStep, to: StepStatus, **columns: Any) -> bool:
    """Moves one step on from the status it was read with; False when another was first."""
    if to not in STEP_TRANSITIONS[step.status]:
        raise IllegalTransition(f"step {step}: {step.status} -> {to}")
    columns["status"] = to.value
    Deployment.objects.filter(pk=step.deployment_id).update(revision=F("revision") + 1)
    moved = DeploymentStep.objects.filter(pk=step.pk, status=step.status).update(**columns)
    if moved:
        for name, value in columns.items():
            setattr(step, name, value)
    return bool(moved)


def tell(deployment: Deployment, message: str) -> None:
    """An event of the endpoint that is about this deployment."""
    lifecycle.touch(deployment.endpoint_id)
    _write_event(deployment, message)


def tell_once(deployment: Deployment, message: str) -> None:
    """What is seen at every look is told at the first."""
    if not EndpointEvent.objects.filter(deployment=deployment, message=message).exists():
        tell(deployment, message)


def activate(endpoint: Endpoint, step: DeploymentStep, message: str, **columns: Any) -> bool:
    """The step's traffic flows from now on. `columns` are the endpoint's.

    False when the endpoint, the deployment or the step has moved on meanwhile: a rollback takes
    the same rows in the same order, so that a late step never undoes it.
    """
    try:
        with transaction.atomic():
            _endpoint_still(endpoint, EndpointStatus.UPDATING, columns)
            still = Deployment.objects.filter(
                pk=step.deployment_id, status=DeploymentStatus.IN_PROGRESS
            )
            if not still.update(revision=F("revision") + 1):
                raise _TooLateError
            if not move_step(step, StepStatus.BAKING, activated_at=timezone.now()):
                raise _TooLateError
            _write_event(step.deployment, message)
    except _TooLateError:
        return False
    return True


def roll_back(endpoint: Endpoint, deployment: Deployment, reason: str) -> bool:
    """Weights are as before at once; fleets go back as the reconciler gets there. False when
    another was first."""
    try:
        with transaction.atomic():
            went = lifecycle.transition(
                endpoint,
                EndpointStatus.ROLLING_BACK,
                message=reason,
                failure_reason=reason,
            )
            if not went:
                raise _TooLateError
            begun = transition(
                deployment,
                DeploymentStatus.ROLLING_BACK,
                message=f"Traffic shift {deployment.number}: rolling back",
                reason=reason,
            )
            if not begun:
                raise _TooLateError
            _leave_steps(deployment)
            if deployment.kind == Deployment.Kind.WEIGHTS:
                set_weights(endpoint, deployment.weights_before)
            elif deployment.policy["routing"] != "ROLLING":
                # The whole fleet is still there: traffic need not wait for anything.
                Endpoint.objects.filter(pk=endpoint.pk).update(pending_share=0.0)
                endpoint.pending_share = 0.0
    except _TooLateError:
        return False
    return True


def _write_event(deployment: Deployment, message: str) -> None:
    endpoint = Endpoint.objects.get(pk=deployment.endpoint_id)
    EndpointEvent.objects.create(
        endpoint=endpoint,
        deployment=deployment,
        from_status=endpoint.status,
        to_status=endpoint.status,
        message=message,
    )


def _leave_steps(deployment: Deployment) -> None:
    now = timezone.now()
    for step in deployment.steps.all():
        if step.status == StepStatus.PENDING:
            move_step(step, StepStatus.SKIPPED)
        elif step.status == StepStatus.BAKING:
            move_step(step, StepStatus.ROLLED_BACK, ended_at=now)


def set_weights(endpoint: Endpoint, weights: dict[str, float]) -> None:
    for name, weight in weights.items():
        Variant.objects.filter(endpoint=endpoint, fleet=endpoint.fleet, name=name).update(
            desired_weight=weight, current_weight=weight
        )
    lifecycle.touch(endpoint.pk)


def _endpoint_still(endpoint: Endpoint, status: EndpointStatus, columns: dict[str, Any]) -> None:
    moved = Endpoint.objects.filter(pk=endpoint.pk, status=status).update(
        revision=F("revision") + 1, **columns
    )
    if not moved:
        raise _TooLateError
    for name, value in columns.items():
        setattr(endpoint, name, value)
