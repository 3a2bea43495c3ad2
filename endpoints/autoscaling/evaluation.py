"""Looks at every scalable target, and gives its variant the instances that its policies want."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.metrics import alarm_metrics, queries
from endpoints import scaling
from endpoints import services as endpoint_services
from endpoints.autoscaling import schedules, services, step_policies
from endpoints.models import ScalableTarget, ScalingPolicy, Variant
from endpoints.scaling import Bounds, Since, Tracking, Wish
from endpoints.specs import WeightAndCapacity
from endpoints.statuses import EndpointStatus

log = logging.getLogger(__name__)

#: Writers report a second within that.
_SETTLED_AFTER_S: Final = 3
_INVOCATIONS: Final = {
    "Namespace": "AWS/SageMaker",
    "MetricName": "InvocationsPerInstance",
    "Statistic": "Sum",
}


def evaluate_all() -> int:
    """Says how many variants changed. One that cannot be judged stops no other."""
    rows = ScalableTarget.objects.select_related("endpoint__team").prefetch_related(
        "policies", "scheduled_actions"
    )
    changed = 0
    for target in rows.filter(endpoint__status=EndpointStatus.IN_SERVICE).order_by("pk"):
        try:
            changed += evaluate(target)
        except Exception:
            log.exception("the scalable target %s could not be evaluated", target)
    return changed


def evaluate(target: ScalableTarget) -> bool:
    schedules.carry_out(target, timezone.now())
    endpoint = target.endpoint
    variant = Variant.objects.filter(
        endpoint=endpoint, fleet=endpoint.fleet, name=target.variant_name
    ).first()
    if variant is None:
        return False
    current = variant.desired_count
    wishes = [
        _wish(target, policy, current)
        for policy in sorted(target.policies.all(), key=lambda each: each.pk)
    ]
    bounds = Bounds(target.min_capacity, target.max_capacity)
    wanted = scaling.decide(current, wishes, bounds)
    # What is suspended are policies: the bounds, which scheduled actions move, hold all the same.
    by_policy = bounds.clamp(current) == current
    if wanted is None or (by_policy and _suspended(target, out=wanted.count > current)):
        return False
    return _scale(target, current, wanted)


def _wish(target: ScalableTarget, policy: ScalingPolicy, current: int) -> Wish | None:
    since = Since(_since(target.scaled_out_at), _since(target.scaled_in_at))
    if policy.kind == ScalingPolicy.Kind.STEPS:
        return step_policies.wish(policy, current, since)
    configuration = policy.configuration
    tracking = Tracking(
        target=float(configuration["TargetValue"]),
        out_cooldown_s=configuration.get("ScaleOutCooldown", scaling.DEFAULT_COOLDOWN_S),
        in_cooldown_s=configuration.get("ScaleInCooldown", scaling.DEFAULT_COOLDOWN_S),
        scale_in=not configuration.get("DisableScaleIn", False),
    )
    return scaling.wish(current, _datapoints(target, configuration), tracking, since)


def _datapoints(target: ScalableTarget, configuration: Mapping[str, Any]) -> list[float | None]:
    told = {"EndpointName": target.endpoint.name, "VariantName": target.variant_name}
    own = [{"Name": name, "Value": value} for name, value in told.items()]
    custom = configuration.get("CustomizedMetricSpecification")
    if custom and custom.get("Metrics"):
        return _expression(target, custom["Metrics"])
    if custom:
        return _minutes(target, custom)
    found = _minutes(target, {**_INVOCATIONS, "Dimensions": own})
    # A minute without invocations has no datapoint, and a variant nobody calls must shrink too.
    old = (_since(target.created_at) or 0.0) > scaling.PERIOD_S * scaling.PERIODS_IN
    return [0.0 if value is None and old else value for value in found]


def _expression(target: ScalableTarget, metrics: Sequence[Mapping[str, Any]]) -> list[float | None]:
    row = target.endpoint
    return alarm_metrics.windows(
        (row.team.account_id, row.region),
        services.by_minute(metrics),
        end=int(time.time()) - _SETTLED_AFTER_S,
        count=scaling.PERIODS_IN,
    )


def _minutes(target: ScalableTarget, metric: Mapping[str, Any]) -> list[float | None]:
    """`metric`: members of a CustomizedMetricSpecification."""
    row = target.endpoint
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    named = (metric["Namespace"], metric["MetricName"], dimensions)
    return queries.windows(
        (row.team.account_id, row.region, *named),
        end=int(time.time()) - _SETTLED_AFTER_S,
        period_s=scaling.PERIOD_S,
        count=scaling.PERIODS_IN,
        statistic=metric["Statistic"],
        unit=metric.get("Unit", ""),
    )


def _scale(target: ScalableTarget, current: int, wanted: Wish) -> bool:
    row = target.endpoint
    problem = ""
    try:
        endpoint_services.update_weights_and_capacities(
            Actor.system(row.team, row.region),
            name=row.name,
            desired=[WeightAndCapacity(variant=target.variant_name, instance_count=wanted.count)],
        )
    except CallerError as refused:
        problem = refused.message
    _remember(target, current, wanted, problem)
    return not problem


def _remember(target: ScalableTarget, current: int, wanted: Wish, problem: str) -> None:
    services.tell(
        target,
        description=f"Setting desired instance count to {wanted.count}.",
        cause=f"{wanted.cause}; there were {current}"[:1000],
        problem=problem,
    )
    # A step that was refused is not tried again at each look either.
    if wanted.count > current:
        target.scaled_out_at = timezone.now()
        target.scaled_from = current if wanted.base is None else wanted.base
    else:
        target.scaled_in_at = timezone.now()
    target.save(update_fields=["scaled_out_at", "scaled_in_at", "scaled_from"])


def _suspended(target: ScalableTarget, *, out: bool) -> bool:
    name = "DynamicScalingOutSuspended" if out else "DynamicScalingInSuspended"
    return bool(target.suspended.get(name))


def _since(moment: datetime | None) -> float | None:
    return None if moment is None else (timezone.now() - moment).total_seconds()
