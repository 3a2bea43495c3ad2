"""A traffic shift as its page shows it: what was planned, how far it is, what its guards see."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from consoleapp.metrics.models import Alarm
from endpoints import shift as planner
from endpoints.models import Deployment, DeploymentStep
from endpoints.shift import Routing, SizeKind
from endpoints.shifting import policy, watch
from endpoints.shifting.guards import Guards, NoData, Seen
from endpoints.shifting.statuses import StepStatus

_EVENTS: Final = 50
_ROUTINGS: Final = {
    Routing.ALL_AT_ONCE: "All at once",
    Routing.CANARY: "Canary",
    Routing.LINEAR: "Linear",
    Routing.ROLLING: "Rolling update of instances",
}
_NO_DATA: Final = {
    NoData.CONTINUE: "the step passes",
    NoData.WAIT: "the step goes on",
    NoData.ROLL_BACK: "it is rolled back",
}


def row_of(shift: Deployment) -> dict[str, Any]:
    steps = list(shift.steps.all())
    return {
        "shift": shift,
        "what": _what(shift),
        "routing": _ROUTINGS[Routing(shift.policy["routing"])],
        "done": sum(step.status == StepStatus.COMPLETED for step in steps),
        "steps": len(steps),
    }


def shown(shift: Deployment) -> dict[str, Any]:
    steps = list(shift.steps.all())
    current = next((step for step in steps if step.status == StepStatus.BAKING), None)
    guards = watch.guards_of(shift)
    return {
        "endpoint": shift.endpoint,
        "shift": shift,
        "settings": _settings(shift),
        "gaining": [name for name, _ in watch.subjects(shift)],
        "steps": [_step(shift, step) for step in steps],
        "guards": _guards(shift, guards, current),
        "alarms": _alarms(shift, guards),
        "unguarded": not guards.reads_metrics and not guards.alarms,
        "events": list(shift.events.order_by("-id")[:_EVENTS]),
    }


def _what(shift: Deployment) -> str:
    if shift.kind == Deployment.Kind.FLEETS:
        return f"{shift.from_config} to {shift.to_config}"
    gaining = [name for name, _ in watch.subjects(shift)]
    return f"to {', '.join(gaining)}"


def _settings(shift: Deployment) -> list[dict[str, Any]]:
    how = policy.restored(shift.policy)
    size = ""
    if how.size is not None:
        unit = "%" if how.size.kind is SizeKind.CAPACITY_PERCENT else " instance(s)"
        then = " first" if how.routing is Routing.CANARY else " at a time"
        size = f"{how.size.value}{unit}{then}"
    wait = f"{how.wait_s} s at each step"
    if how.termination_wait_s:
        wait += f", then {how.termination_wait_s} s before the old fleet is terminated"
    leaving = ", ".join(shift.remove)
    return [
        {"label": "Status", "value": shift.status, "status": True},
        {"label": "Traffic", "value": _what(shift)},
        {"label": "How", "value": _ROUTINGS[how.routing], "hint": size},
        {"label": "Bake time", "value": wait},
        {"label": "Removed at the end", "value": leaving or "Nothing"},
        {"label": "Started by", "value": shift.created_by},
        {"label": "Creation time", "value": f"{shift.created_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "At the latest", "value": f"{shift.deadline_at:%b %d, %Y, %H:%M:%S} UTC"},
    ]


def _step(shift: Deployment, step: DeploymentStep) -> dict[str, Any]:
    elapsed_s = 0.0
    if step.activated_at is not None:
        until = step.ended_at or timezone.now()
        elapsed_s = min((until - step.activated_at).total_seconds(), float(step.wait_s))
    return {
        "step": step,
        "what": _moves(shift, step),
        "baking": step.status == StepStatus.BAKING,
        "elapsed_s": elapsed_s,
        "left_s": max(0.0, step.wait_s - elapsed_s),
        "until": step.activated_at and step.activated_at + timedelta(seconds=step.wait_s),
    }


def _moves(shift: Deployment, step: DeploymentStep) -> str:
    if shift.kind == Deployment.Kind.FLEETS:
        kept = ", the old fleet stays" if step.wait == planner.Wait.TERMINATION else ""
        return f"{100 * step.share:.4g}% of the traffic to {shift.to_config}{kept}"
    weights = planner.weights_at(shift.weights_before, shift.weights_after, step.share)
    whole = sum(weights.values())
    return ", ".join(f"{name} {100 * weight / whole:.4g}%" for name, weight in weights.items())


def _guards(
    shift: Deployment, guards: Guards, current: DeploymentStep | None
) -> list[dict[str, Any]]:
    """Limits, and what is read of them while a step bakes."""
    if not guards.reads_metrics:
        return []
    since = current.activated_at if current is not None else None
    if since is None:
        return [_guard(name, guards, None) for name, _ in watch.subjects(shift)]
    seen = watch.read(shift.endpoint, shift, guards, since)
    return [_guard(f"{one.variant}, {one.window}", guards, one) for one in seen]


def _guard(name: str, guards: Guards, seen: Seen | None) -> dict[str, Any]:
    known = seen is not None and seen.invocations > 0
    return {
        "name": name,
        "invocations": seen.invocations if seen else None,
        "rate": seen.errors / seen.invocations if seen and known else None,
        "rate_limit": guards.max_error_rate,
        "latency_us": seen.latency_us if seen else None,
        "latency_limit_us": guards.max_latency_us,
        "percentile": guards.latency_percentile,
        "minimum": guards.minimum_samples,
        "judged": seen is not None and seen.invocations >= guards.minimum_samples,
        "no_data": _NO_DATA[guards.no_data],
    }


def _alarms(shift: Deployment, guards: Guards) -> list[dict[str, Any]]:
    found = Alarm.objects.filter(
        account=shift.endpoint.team.account_id,
        region=shift.endpoint.region,
        name__in=guards.alarms,
    )
    states = dict(found.values_list("name", "state")) if guards.alarms else {}
    return [
        {"name": name, "state": states.get(name, "INSUFFICIENT_DATA")} for name in guards.alarms
    ]
