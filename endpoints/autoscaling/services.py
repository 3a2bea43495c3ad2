"""Scalable targets and their policies: registered, changed, removed. Every door calls these."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from consoleapp.accounts import audit, quotas
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import Role
from consoleapp.metrics import alarm_metrics
from endpoints import queries, scaling
from endpoints.models import ScalableTarget, ScalingActivity, ScalingPolicy
from endpoints.stepping import Stepping, problem_of

R = TypeVar("R", bound=Model)
INVOCATIONS: Final = "SageMakerVariantInvocationsPerInstance"
#: AWS tells of the previous six weeks.
_ACTIVITIES_KEPT: Final = timedelta(weeks=6)
_STATISTICS: Final = {"Average", "Minimum", "Maximum", "SampleCount", "Sum"}


class NoSuchObject(NotFound):
    """No such scalable target or policy in this team and region."""

    code = "ObjectNotFoundException"


def targets(actor: Actor) -> QuerySet[ScalableTarget]:
    own = ScalableTarget.objects.filter(endpoint__team=actor.team, endpoint__region=actor.region)
    return own.select_related("endpoint__team").order_by("id")


def of_targets(rows: QuerySet[R], actor: Actor) -> QuerySet[R]:
    """Of rows that belong to a target, those of the actor's team and region."""
    own = rows.filter(target__endpoint__team=actor.team, target__endpoint__region=actor.region)
    return own.select_related("target__endpoint__team")


def target(actor: Actor, endpoint: str, variant: str) -> ScalableTarget:
    found = targets(actor).filter(endpoint__name=endpoint, variant_name=variant).first()
    if found is None:
        raise NoSuchObject(
            "No scalable target registered for service namespace: sagemaker, resource ID:"
            f" endpoint/{endpoint}/variant/{variant}, scalable dimension:"
            " sagemaker:variant:DesiredInstanceCount"
        )
    return found


def register(
    actor: Actor,
    *,
    endpoint: str,
    variant: str,
    least: int | None = None,
    most: int | None = None,
    role_arn: str = "",
    suspended: Mapping[str, bool] | None = None,
) -> ScalableTarget:
    """A new target needs both capacities; of one that is there, what is given changes."""
    actor.must(Role.OPERATOR)
    row = queries.endpoint(actor, endpoint)
    if variant not in {each.name for each in queries.variants(row)}:
        raise ValidationFailed(f"The endpoint {endpoint} has no variant {variant}.")
    with transaction.atomic():
        lock_team(actor)
        # Scheduled actions change its capacities too.
        locked = ScalableTarget.objects.select_for_update(no_key=True)
        found = locked.filter(endpoint=row, variant_name=variant).first()
        found = found or ScalableTarget(endpoint=row, variant_name=variant)
        found.min_capacity, found.max_capacity = _capacities(actor, found, least, most)
        found.role_arn = role_arn or found.role_arn
        if suspended is not None:
            found.suspended = {**found.suspended, **suspended}
        _keep(found)
        audit.record(actor, "RegisterScalableTarget", row.arn, variant=variant)
    return found


def deregister(actor: Actor, *, endpoint: str, variant: str) -> None:
    """With its policies."""
    actor.must(Role.OPERATOR)
    found = target(actor, endpoint, variant)
    with transaction.atomic():
        audit.record(actor, "DeregisterScalableTarget", found.endpoint.arn, variant=variant)
        found.delete()


def policies(actor: Actor) -> QuerySet[ScalingPolicy]:
    return of_targets(ScalingPolicy.objects.order_by("id"), actor)


def put_policy(
    actor: Actor,
    *,
    endpoint: str,
    variant: str,
    name: str,
    configuration: Mapping[str, Any],
    kind: str = ScalingPolicy.Kind.TRACKING,
) -> ScalingPolicy:
    """`configuration`: the member of AWS's that is of this kind. Replaces one of this name."""
    actor.must(Role.OPERATOR)
    if kind == ScalingPolicy.Kind.STEPS:
        check_steps(configuration)
    else:
        check_tracking(configuration)
    found = target(actor, endpoint, variant)
    told = {"configuration": dict(configuration), "kind": kind}
    with transaction.atomic():
        policy, _ = ScalingPolicy.objects.update_or_create(target=found, name=name, defaults=told)
        audit.record(actor, "PutScalingPolicy", found.endpoint.arn, policy=name)
    return policy


def delete_policy(actor: Actor, *, endpoint: str, variant: str, name: str) -> None:
    actor.must(Role.OPERATOR)
    found = target(actor, endpoint, variant).policies.filter(name=name).first()
    if found is None:
        raise NoSuchObject(f"No scaling policy found for policy name: {name}")
    with transaction.atomic():
        audit.record(actor, "DeleteScalingPolicy", found.target.endpoint.arn, policy=name)
        found.delete()


def activities(actor: Actor) -> QuerySet[ScalingActivity]:
    """Newest first."""
    return of_targets(ScalingActivity.objects.order_by("-at", "-id"), actor)


def tell(target: ScalableTarget, *, description: str, cause: str, problem: str = "") -> None:
    """An activity: what was done, or could not be for that problem."""
    status = ScalingActivity.Status.FAILED if problem else ScalingActivity.Status.SUCCESSFUL
    with transaction.atomic():
        # Here, since a schedule may add one each minute for as long as its target lives.
        target.activities.filter(at__lt=timezone.now() - _ACTIVITIES_KEPT).delete()
        ScalingActivity.objects.create(
            target=target, description=description, cause=cause, status=status, message=problem
        )


def check_steps(configuration: Mapping[str, Any]) -> None:
    """Raises ValidationFailed for steps that AWS would not take."""
    problem = problem_of(Stepping.of(configuration))
    if problem:
        raise ValidationFailed(problem, field="StepScalingPolicyConfiguration")


def check_tracking(configuration: Mapping[str, Any]) -> None:
    """Raises ValidationFailed for what could not be evaluated."""
    value = configuration.get("TargetValue")
    if not isinstance(value, int | float) or not (math.isfinite(value) and value > 0):
        raise ValidationFailed("TargetValue must be greater than 0.", field="TargetValue")
    predefined = configuration.get("PredefinedMetricSpecification")
    customized = configuration.get("CustomizedMetricSpecification")
    if bool(predefined) == bool(customized):
        raise ValidationFailed(
            "Name one of PredefinedMetricSpecification and CustomizedMetricSpecification."
        )
    if predefined and predefined["PredefinedMetricType"] != INVOCATIONS:
        raise ValidationFailed(
            f"The predefined metric of this console is {INVOCATIONS}; name any other metric in a"
            " CustomizedMetricSpecification."
        )
    if customized:
        _check_customized(customized)
    for name in ("ScaleInCooldown", "ScaleOutCooldown"):
        if int(configuration.get(name, 0)) < 0:
            raise ValidationFailed(f"{name} must be 0 or more.", field=name)


def _check_customized(metric: Mapping[str, Any]) -> None:
    if metric.get("Metrics"):
        alarm_metrics.check(by_minute(metric["Metrics"]))
        return
    missing = [n for n in ("MetricName", "Namespace", "Statistic") if not metric.get(n)]
    if missing or metric["Statistic"] not in _STATISTICS:
        raise ValidationFailed("A customized metric has a MetricName, a Namespace and a Statistic.")


def by_minute(metrics: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Target tracking names no periods: a policy looks at minutes."""
    period = {"Period": scaling.PERIOD_S}
    return [
        {**query, "MetricStat": {**query["MetricStat"], **period}}
        if "MetricStat" in query
        else {**query, **period}
        for query in metrics
    ]


def _capacities(
    actor: Actor, found: ScalableTarget, least: int | None, most: int | None
) -> tuple[int, int]:
    known = found.pk is not None
    low = least if least is not None else (found.min_capacity if known else None)
    high = most if most is not None else (found.max_capacity if known else None)
    if low is None or high is None:
        raise ValidationFailed("A new scalable target needs MinCapacity and MaxCapacity.")
    check_bounds(actor, low, high)
    return low, high


def check_bounds(actor: Actor, low: int, high: int) -> None:
    """Raises ValidationFailed."""
    limit = int(quotas.limit(actor.team, "endpoints.instances_per_endpoint.max"))
    if not 1 <= low <= high:
        raise ValidationFailed("MinCapacity must be at least 1, and at most MaxCapacity.")
    if high > limit:
        raise ValidationFailed(f"MaxCapacity must be at most {limit}, the team's quota.")


def _keep(found: ScalableTarget) -> None:
    columns = ["min_capacity", "max_capacity", "role_arn", "suspended"]
    found.save(update_fields=columns if found.pk else None)
