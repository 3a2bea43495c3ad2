"""Services for traffic shifts: start, pause, resume, roll back; and what there is of them."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.accounts.models import Role
from endpoints import publish, queries, rules
from endpoints.models import Deployment, Endpoint, Variant
from endpoints.shift import Policy, Routing
from endpoints.shifting import lifecycle, planning
from endpoints.shifting.guards import Guards
from endpoints.shifting.statuses import DeploymentStatus
from endpoints.statuses import EndpointStatus
from endpoints.updates import begin_update, last_deployment_config, update_endpoint

__all__ = [
    "found",
    "last_deployment_config",
    "of",
    "pause",
    "resume",
    "roll_back",
    "start_shift",
    "update_endpoint",
]


def start_shift(
    actor: Actor,
    *,
    endpoint_name: str,
    policy: Policy,
    to: str = "",
    weights: Mapping[str, float] | None = None,
    guards: Guards | None = None,
    remove: Sequence[str] = (),
) -> Deployment:
    """Moves the weights of an endpoint's variants step by step; its status is Updating meanwhile.

    Either `to`, the variant that gets all, or `weights`, the proportions wanted at the end; a
    variant that is not named there keeps its weight. `remove`: variants that leave the endpoint at
    the end. Raises ValidationFailed while the endpoint is being changed otherwise.
    """
    actor.must(Role.OPERATOR)
    endpoint = queries.endpoint(actor, endpoint_name)
    if policy.routing is Routing.ROLLING:
        raise ValidationFailed(
            "ROLLING replaces instances: it goes with UpdateEndpoint, not with weights.",
            field="routing",
        )
    watched = planning.guards_with_alarms(actor, guards, ())
    with transaction.atomic():
        begin_update(endpoint, "Shifting traffic")
        variants = list(queries.variants(endpoint))
        target = _target(variants, to, weights)
        _check_remove(variants, target, remove)
        made = planning.between_variants(
            endpoint,
            variants,
            target,
            policy,
            guards=watched,
            remove=remove,
            by=planning.name_of(actor),
        )
        audit.record(actor, "StartTrafficShift", endpoint.arn, number=made.number)
    return made


def _target(
    variants: Sequence[Variant], to: str, weights: Mapping[str, float] | None
) -> dict[str, float]:
    before = {one.name: one.current_weight for one in variants if not one.shadow}
    if sum(before.values()) <= 0:
        raise ValidationFailed("No variant has any weight: there is no traffic to shift.")
    if bool(to) == bool(weights):
        raise ValidationFailed("Name the variant to shift to, or the weights at the end.")
    named = set(weights or {}) | ({to} if to else set())
    unknown = sorted(named - before.keys())
    if unknown:
        raise ValidationFailed(
            f'The production variant "{", ".join(unknown)}" is not present within the endpoint.',
            field="to" if to else "weights",
        )
    for weight in (weights or {}).values():
        rules.weight(weight)
    target = dict.fromkeys(before, 0.0) | {to: 1.0} if to else before | dict(weights or {})
    _check_moves(before, target)
    return target


def _check_moves(before: Mapping[str, float], target: Mapping[str, float]) -> None:
    if sum(target.values()) <= 0:
        raise ValidationFailed("Some variant must have weight at the end.", field="weights")
    parts = {name: weight / sum(before.values()) for name, weight in before.items()}
    wanted = {name: weight / sum(target.values()) for name, weight in target.items()}
    if all(abs(parts[name] - wanted[name]) < 1e-9 for name in parts):
        raise ValidationFailed("The traffic is shared like this already.", field="to")


def _check_remove(
    variants: Sequence[Variant], target: Mapping[str, float], remove: Sequence[str]
) -> None:
    for name in remove:
        if target.get(name) != 0:
            raise ValidationFailed(
                f"{name} cannot be removed: it is no production variant without weight at the end.",
                field="remove",
            )
    if remove and len({one.name for one in variants if not one.shadow} - set(remove)) < 1:
        raise ValidationFailed("A variant must remain.", field="remove")


def pause(actor: Actor, *, endpoint_name: str, number: int) -> Deployment:
    """It stays at its step, watched by its guards. Raises ValidationFailed when it cannot."""
    deployment = _mine(actor, endpoint_name, number)
    _must_be(deployment, DeploymentStatus.IN_PROGRESS)
    said = f"Paused traffic shift {number}, by {planning.name_of(actor)}"
    now = timezone.now()
    if not lifecycle.transition(deployment, DeploymentStatus.PAUSED, message=said, paused_at=now):
        raise _moved_on(deployment)
    audit.record(actor, "PauseTrafficShift", deployment.endpoint.arn, number=number)
    return deployment


def resume(actor: Actor, *, endpoint_name: str, number: int) -> Deployment:
    """Goes on where it was. The pause does not count towards its longest time."""
    deployment = _mine(actor, endpoint_name, number)
    _must_be(deployment, DeploymentStatus.PAUSED)
    assert deployment.paused_at is not None
    later = deployment.deadline_at + (timezone.now() - deployment.paused_at)
    resumed = lifecycle.transition(
        deployment,
        DeploymentStatus.IN_PROGRESS,
        message=f"Resumed traffic shift {number}, by {planning.name_of(actor)}",
        paused_at=None,
        deadline_at=later,
    )
    if not resumed:
        raise _moved_on(deployment)
    audit.record(actor, "ResumeTrafficShift", deployment.endpoint.arn, number=number)
    return deployment


def roll_back(actor: Actor, *, endpoint_name: str, number: int) -> Deployment:
    """Now, whatever the guards say. Raises ValidationFailed when it is over or going back."""
    deployment = _mine(actor, endpoint_name, number)
    _must_be(deployment, DeploymentStatus.IN_PROGRESS, DeploymentStatus.PAUSED)
    endpoint = deployment.endpoint
    reason = f"Rolled back by {planning.name_of(actor)}"
    if not lifecycle.roll_back(endpoint, deployment, reason):
        raise _moved_on(deployment)
    audit.record(actor, "RollBackTrafficShift", endpoint.arn, number=number)
    publish.endpoint_soon(endpoint.pk)
    return deployment


def of(endpoint: Endpoint) -> QuerySet[Deployment]:
    """Newest first, each with its steps."""
    rows = Deployment.objects.filter(endpoint=endpoint).select_related("endpoint__team")
    return rows.prefetch_related("steps").order_by(F("number").desc())


def found(actor: Actor, endpoint_name: str, number: int) -> Deployment:
    endpoint = queries.endpoint(actor, endpoint_name)
    row = of(endpoint).filter(number=number).first()
    if row is None:
        raise NotFound(f"Endpoint {endpoint_name} has no traffic shift {number}.")
    return row


def _mine(actor: Actor, endpoint_name: str, number: int) -> Deployment:
    actor.must(Role.OPERATOR)
    return found(actor, endpoint_name, number)


def _must_be(deployment: Deployment, *statuses: DeploymentStatus) -> None:
    if deployment.status not in statuses or is_given_up(deployment):
        raise _moved_on(deployment)


def is_given_up(deployment: Deployment) -> bool:
    """Its endpoint is going, and takes it along as it is."""
    return deployment.endpoint.status == EndpointStatus.DELETING


def _moved_on(deployment: Deployment) -> ValidationFailed:
    deployment.refresh_from_db()
    given_up = " and its endpoint Deleting" if is_given_up(deployment) else ""
    return ValidationFailed(
        f"Traffic shift {deployment.number} is {deployment.status}{given_up}:"
        " this cannot be done now."
    )
