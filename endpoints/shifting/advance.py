"""Moves a deployment a small step on, or back. The reconciler calls it while the endpoint updates.

Level-triggered like the reconciler: what a killed worker left half-way, the next step goes on with.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from endpoints import lifecycle as endpoint_lifecycle
from endpoints import shift
from endpoints.convergence import Report, converge
from endpoints.models import Deployment, DeploymentStep, Endpoint, Variant
from endpoints.shift import Routing
from endpoints.shifting import lifecycle, policy, removal, watch
from endpoints.shifting.guards import Ending, ending
from endpoints.shifting.statuses import ACTIVE, DeploymentStatus, StepStatus
from endpoints.statuses import EndpointStatus

STEP_S: Final = 0.5
_LOOK_S: Final = 1.0
_FORWARD: Final = frozenset({DeploymentStatus.IN_PROGRESS.value, DeploymentStatus.PAUSED.value})


def active(endpoint: Endpoint) -> Deployment | None:
    found = Deployment.objects.filter(endpoint=endpoint, status__in=ACTIVE)
    return found.select_related("endpoint__team").first()


def step(endpoint: Endpoint, deployment: Deployment) -> float:
    """The next small thing. Answers in how many seconds to look again."""
    if deployment.status not in _FORWARD:
        # Another worker ended it, or turned it back, since the endpoint was read.
        return STEP_S
    current = _current(deployment)
    green = _bring_up(endpoint, deployment, current)
    if green.fatal:
        reason = f"{deployment.to_config} did not come up, rolling back. {green.fatal}"
        lifecycle.roll_back(endpoint, deployment, reason)
    elif current is None:
        if deployment.status == DeploymentStatus.PAUSED:
            return _LOOK_S
        _finish(endpoint, deployment)
    elif timezone.now() > deployment.deadline_at and deployment.paused_at is None:
        reason = (
            "The traffic shift was not done within MaximumExecutionTimeoutInSeconds:"
            f" step {current.number} was {current.status}."
        )
        lifecycle.roll_back(endpoint, deployment, reason)
    elif current.status == StepStatus.BAKING:
        return _bake(endpoint, deployment, current)
    elif green.ready and deployment.status == DeploymentStatus.IN_PROGRESS:
        _activate(endpoint, deployment, current)
    else:
        return STEP_S if deployment.paused_at is None else _LOOK_S
    return STEP_S


def _current(deployment: Deployment) -> DeploymentStep | None:
    unfinished = (StepStatus.PENDING.value, StepStatus.BAKING.value)
    rows = deployment.steps.select_related("deployment__endpoint")
    return rows.filter(status__in=unfinished).order_by("number").first()


def _is_rolling(deployment: Deployment) -> bool:
    return bool(deployment.policy["routing"] == Routing.ROLLING)


def _bring_up(endpoint: Endpoint, deployment: Deployment, current: DeploymentStep | None) -> Report:
    """The instances that the step needs. Between variants all are there already."""
    if deployment.kind == Deployment.Kind.WEIGHTS:
        return Report()
    assert deployment.green_fleet is not None
    if _is_rolling(deployment) and current is not None:
        counts = shift.counts_at(deployment.counts_after, current.share)
        at_least(endpoint, deployment.green_fleet, counts)
    report = converge(endpoint, deployment.green_fleet)
    # Nobody must be sent to a fleet in which nothing runs.
    report.ready &= not report.empty
    return report


def at_least(endpoint: Endpoint, fleet: int, counts: Mapping[str, int]) -> None:
    """One way only: a worker that is late must not take away what a later step needs."""
    for name, count in counts.items():
        rows = Variant.objects.filter(endpoint=endpoint, fleet=fleet, name=name)
        rows.filter(desired_count__lt=count).update(desired_count=count)


def at_most(endpoint: Endpoint, fleet: int, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        rows = Variant.objects.filter(endpoint=endpoint, fleet=fleet, name=name)
        rows.filter(desired_count__gt=count).update(desired_count=count)


def _activate(endpoint: Endpoint, deployment: Deployment, step: DeploymentStep) -> None:
    if deployment.kind == Deployment.Kind.FLEETS:
        said = f"{100 * step.share:.4g}% of the traffic goes to {deployment.to_config}"
        if step.share >= 1:
            said = f"Traffic moved to {deployment.to_config}"
        else:
            said = f"Traffic shift {deployment.number}, step {step.number}: {said}"
        lifecycle.activate(endpoint, step, said, pending_share=step.share)
        return
    weights = shift.weights_at(deployment.weights_before, deployment.weights_after, step.share)
    told = ", ".join(f"{name} weight {weight:.4g}" for name, weight in weights.items())
    said = f"Traffic shift {deployment.number}, step {step.number}: {told}"
    with transaction.atomic():
        if lifecycle.activate(endpoint, step, said):
            lifecycle.set_weights(endpoint, weights)


def _bake(endpoint: Endpoint, deployment: Deployment, step: DeploymentStep) -> float:
    assert step.activated_at is not None
    verdict = watch.judge(endpoint, deployment, step)
    if verdict.breach:
        reason = f"Rolling back at step {step.number}: {verdict.breach}"
        DeploymentStep.objects.filter(pk=step.pk).update(samples=verdict.samples)
        lifecycle.roll_back(endpoint, deployment, reason)
        return STEP_S
    guards = watch.guards_of(deployment)
    for name in watch.deleted(endpoint, guards.alarms):
        lifecycle.tell_once(deployment, f"Alarm {name} was deleted: it guards nothing any more.")
    wait_s = step.wait_s + watch.settle_s(guards)
    left_s = (step.activated_at + timedelta(seconds=wait_s) - timezone.now()).total_seconds()
    if left_s > 0:
        return min(_LOOK_S, max(left_s, 0.05))
    if deployment.paused_at is not None:
        return _LOOK_S
    match ending(guards, verdict):
        case Ending.PASS:
            _pass(endpoint, deployment, step, verdict.samples)
        case Ending.ROLL_BACK:
            reason = (
                f"Rolling back at step {step.number}: only {verdict.samples} invocations reached"
                f" the new variants, {guards.minimum_samples} are needed to judge them."
            )
            lifecycle.roll_back(endpoint, deployment, reason)
        case Ending.WAIT:
            return _LOOK_S
    return 0.05


def _pass(endpoint: Endpoint, deployment: Deployment, step: DeploymentStep, samples: int) -> None:
    with transaction.atomic():
        passed = lifecycle.move_step(
            step, StepStatus.COMPLETED, ended_at=timezone.now(), samples=samples
        )
        if passed and _is_rolling(deployment) and step.share < 1:
            counts = shift.counts_at(deployment.counts_before, 1 - step.share)
            at_most(endpoint, endpoint.fleet, counts)


def _finish(endpoint: Endpoint, deployment: Deployment) -> None:
    """The old fleet gives way: from here on the reconciler winds it down."""
    said = f"Completed traffic shift {deployment.number}"
    with transaction.atomic():
        if not lifecycle.transition(deployment, DeploymentStatus.COMPLETED, message=said):
            return
        if deployment.kind == Deployment.Kind.FLEETS:
            Endpoint.objects.filter(pk=endpoint.pk, fleet=endpoint.fleet).update(
                fleet=deployment.green_fleet,
                revision=F("revision") + 1,
                config=F("pending_config"),
                pending_config=None,
                pending_share=0.0,
                modified_at=timezone.now(),
            )
        elif deployment.remove:
            removal.remove_variants(endpoint, deployment)


def retreat(endpoint: Endpoint, deployment: Deployment) -> bool | None:
    """One step back of a rolling update; True once no traffic goes to the new fleet.

    None: the old fleet cannot come back, so the endpoint stays as it is, a mix of both.
    """
    if endpoint.pending_share <= 0:
        if _is_rolling(deployment):
            at_least(endpoint, endpoint.fleet, deployment.counts_before)
        return True
    assert deployment.green_fleet is not None
    counts_after = deployment.counts_after
    share = shift.next_back(
        endpoint.pending_share, policy.restored(deployment.policy), sum(counts_after.values())
    )
    at_least(endpoint, endpoint.fleet, shift.counts_at(deployment.counts_before, 1 - share))
    blue = converge(endpoint, endpoint.fleet)
    converge(endpoint, deployment.green_fleet)
    if blue.fatal:
        _give_up(endpoint, deployment, blue.fatal)
        return None
    if blue.ready:
        back = Endpoint.objects.filter(
            pk=endpoint.pk,
            status=EndpointStatus.ROLLING_BACK,
            pending_share=endpoint.pending_share,
        )
        moved = back.update(pending_share=share, revision=F("revision") + 1)
        if moved and share > 0:
            at_most(endpoint, deployment.green_fleet, shift.counts_at(counts_after, share))
    return False


def _give_up(endpoint: Endpoint, deployment: Deployment, reason: str) -> None:
    with transaction.atomic():
        moved = endpoint_lifecycle.transition(
            endpoint,
            EndpointStatus.UPDATE_ROLLBACK_FAILED,
            message=f"The rollback failed: both configurations serve. {reason}",
            failure_reason=reason,
        )
        if moved:
            said = f"Rollback of traffic shift {deployment.number} failed"
            lifecycle.transition(deployment, DeploymentStatus.ROLLBACK_FAILED, message=said)


def rolled_back(endpoint: Endpoint, deployment: Deployment | None) -> None:
    """Everything is as before: the endpoint is in service again."""
    what = endpoint.config.name
    if deployment is not None and deployment.kind == Deployment.Kind.WEIGHTS:
        what = "the weights before"
    with transaction.atomic():
        moved = endpoint_lifecycle.transition(
            endpoint,
            EndpointStatus.IN_SERVICE,
            message=f"Rolled back to {what}",
            pending_config=None,
            pending_share=0.0,
        )
        if moved and deployment is not None:
            said = f"Rolled back traffic shift {deployment.number}"
            lifecycle.transition(deployment, DeploymentStatus.ROLLED_BACK, message=said)
