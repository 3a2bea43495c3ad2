"""Writes what a shift is to do: the deployment and its steps, before anything moves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics import alarms
from consoleapp.metrics.models import Alarm
from endpoints import shift, wake
from endpoints.models import Deployment, DeploymentStep, Endpoint, Variant
from endpoints.shift import Policy, Routing
from endpoints.shifting import lifecycle, policy
from endpoints.shifting.guards import Guards


def guards_with_alarms(actor: Actor, guards: Guards | None, names: Sequence[str]) -> Guards:
    """Raises ValidationFailed for an alarm that is not there, or that is in ALARM already."""
    given = guards or Guards()
    wanted = tuple(dict.fromkeys((*given.alarms, *names)))
    given = replace(given, alarms=wanted)
    given.check()
    found = {alarm.name: alarm for alarm in alarms.alarms(actor, names=wanted)} if wanted else {}
    for name in wanted:
        if name not in found:
            raise ValidationFailed(
                f'Could not find alarm "{name}" in this team and region.', field="alarms"
            )
        if found[name].state == Alarm.State.ALARM:
            raise ValidationFailed(
                f'Alarm "{name}" is in state ALARM: it would roll back at once.', field="alarms"
            )
    return given


def between_fleets(
    endpoint: Endpoint,
    blue: Sequence[Variant],
    green: Sequence[Variant],
    how: Policy,
    *,
    config: Mapping[str, Any] | None,
    guards: Guards,
    by: str,
) -> Deployment:
    """Call in the transaction that begins the update. Raises ValidationFailed."""
    assert endpoint.pending_config is not None
    counts_after = {variant.name: variant.desired_count for variant in green}
    instances = sum(variant.desired_count for variant in green if not variant.shadow)
    policy.check(how, instances)
    if how.routing is Routing.ROLLING:
        _first_batch(green, how, instances)
    return _write(
        endpoint,
        how,
        instances,
        kind=Deployment.Kind.FLEETS,
        guards=guards.stored(),
        config=config,
        from_config=endpoint.config.name,
        to_config=endpoint.pending_config.name,
        green_fleet=green[0].fleet,
        weights_before=_weights(blue),
        weights_after=_weights(green),
        counts_before={variant.name: variant.desired_count for variant in blue},
        counts_after=counts_after,
        created_by=by,
    )


def _first_batch(green: Sequence[Variant], how: Policy, instances: int) -> None:
    first = shift.steps(how, instances)[0]
    for variant in green:
        (count,) = shift.counts_at({variant.name: variant.desired_count}, first.share).values()
        Variant.objects.filter(pk=variant.pk).update(desired_count=count)


def between_variants(
    endpoint: Endpoint,
    variants: Sequence[Variant],
    target: Mapping[str, float],
    how: Policy,
    *,
    guards: Guards,
    remove: Sequence[str],
    by: str,
) -> Deployment:
    """`target`: proportions; the sum of the weights stays what it is."""
    before = _weights(variants)
    after = shift.rescaled(target, sum(before.values()))
    gaining = [one for one in variants if not one.shadow and after[one.name] > before[one.name]]
    instances = sum(variant.desired_count for variant in gaining)
    policy.check(how, instances)
    return _write(
        endpoint,
        how,
        instances,
        kind=Deployment.Kind.WEIGHTS,
        guards=guards.stored(),
        from_config=endpoint.config.name,
        to_config=endpoint.config.name,
        weights_before=before,
        weights_after=after,
        remove=list(remove),
        created_by=by,
    )


def _write(endpoint: Endpoint, how: Policy, instances: int, **columns: Any) -> Deployment:
    planned = shift.steps(how, instances)
    timeout_s = how.timeout_s or shift.duration_s(planned) + policy.MOST_TIMEOUT_S
    last = Deployment.objects.filter(endpoint=endpoint).aggregate(n=Max("number"))["n"]
    made = Deployment.objects.create(
        endpoint=endpoint,
        number=(last or 0) + 1,
        policy=policy.stored(how),
        deadline_at=timezone.now() + timedelta(seconds=timeout_s),
        **columns,
    )
    DeploymentStep.objects.bulk_create(
        DeploymentStep(
            deployment=made, number=number, share=one.share, wait_s=one.wait_s, wait=one.wait.value
        )
        for number, one in enumerate(planned, start=1)
    )
    if made.kind == Deployment.Kind.WEIGHTS or made.config:
        count = f"{len(planned)} step{'s'[: len(planned) != 1]}"
        lifecycle.tell(made, f"Planned traffic shift {made.number}: {how.routing} in {count}")
    wake.endpoint(endpoint.pk)
    return made


def _weights(variants: Sequence[Variant]) -> dict[str, float]:
    return {one.name: one.current_weight for one in variants if not one.shadow}


def name_of(actor: Actor) -> str:
    return actor.user.username if actor.user else "the console"
