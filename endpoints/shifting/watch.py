"""Reads what a shift's new variants answered, and how its alarms are, for the guards to judge."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from consoleapp.metrics import queries as metrics
from consoleapp.metrics.evaluation import SETTLED_AFTER_S
from consoleapp.metrics.models import Alarm
from endpoints.models import Deployment, DeploymentStep, Endpoint
from endpoints.shifting import guards as rules
from endpoints.shifting.guards import Guards, Seen, Verdict

NAMESPACE: Final = "AWS/SageMaker"
#: The window that a late burst is seen in.
_RECENT_S: Final = 60


def guards_of(deployment: Deployment) -> Guards:
    return Guards.restored(deployment.guards)


def settle_s(guards: Guards) -> int:
    """How long after a step's wait its last second is in the metrics store."""
    return SETTLED_AFTER_S if guards.reads_metrics else 0


def judge(endpoint: Endpoint, deployment: Deployment, step: DeploymentStep) -> Verdict:
    """What is known of a step that bakes. A metric or an alarm that is gone is no data."""
    guards = guards_of(deployment)
    assert step.activated_at is not None
    seen = read(endpoint, deployment, guards, step.activated_at) if guards.reads_metrics else []
    return rules.judge(guards, seen, in_alarm(endpoint, guards.alarms))


def read(endpoint: Endpoint, deployment: Deployment, guards: Guards, since: datetime) -> list[Seen]:
    end = int(time.time()) + 1
    start = int(since.timestamp())
    windows = [("since the step began", start)]
    if end - start > _RECENT_S:
        windows.append(("in the last minute", end - _RECENT_S))
    return [
        _seen(endpoint, name, dimensions, guards, window, (first, end))
        for name, dimensions in subjects(deployment)
        for window, first in windows
    ]


def _seen(
    endpoint: Endpoint,
    variant: str,
    dimensions: Mapping[str, str],
    guards: Guards,
    window: str,
    between: tuple[int, int],
) -> Seen:
    def read(metric: str, statistic: str) -> float | None:
        series = (endpoint.team.account_id, endpoint.region, NAMESPACE, metric, dimensions)
        return metrics.statistic(*series, *between, statistic)

    return Seen(
        variant=variant,
        window=window,
        invocations=int(read("Invocations", "Sum") or 0),
        errors=int(read("Invocation5XXErrors", "Sum") or 0),
        latency_us=read("ModelLatency", guards.latency_percentile)
        if guards.max_latency_us is not None
        else None,
    )


def subjects(deployment: Deployment) -> list[tuple[str, dict[str, str]]]:
    """The variants that gain traffic, each with the dimensions of its own series."""
    endpoint = {"EndpointName": deployment.endpoint.name}
    if deployment.kind == Deployment.Kind.FLEETS:
        # Both fleets may have variants of one name: the configuration tells them apart.
        config = {"EndpointConfigName": deployment.to_config}
        return [
            (name, {**endpoint, "VariantName": name, **config}) for name in deployment.weights_after
        ]
    before = deployment.weights_before
    gaining = [name for name, weight in deployment.weights_after.items() if weight > before[name]]
    return [(name, {**endpoint, "VariantName": name}) for name in gaining]


def in_alarm(endpoint: Endpoint, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    found = _alarms(endpoint, names).filter(state=Alarm.State.ALARM)
    return sorted(found.values_list("name", flat=True))


def deleted(endpoint: Endpoint, names: Sequence[str]) -> list[str]:
    """Alarms that were there when the shift began: what guards by them has to be told."""
    if not names:
        return []
    return sorted(set(names) - set(_alarms(endpoint, names).values_list("name", flat=True)))


def _alarms(endpoint: Endpoint, names: Sequence[str]) -> QuerySet[Alarm]:
    owner = {"account": endpoint.team.account_id, "region": endpoint.region}
    return Alarm.objects.filter(**owner, name__in=names)
