"""Moves the instances of variants a small step towards what is desired.

Each step compares and sets, so two processes at it do the work of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from endpoints import fleets, lifecycle
from endpoints.errors import HostError
from endpoints.hosts import registry
from endpoints.hosts.base import InstanceRunner, LaunchSpec, Observed, Phase
from endpoints.models import Endpoint, Instance, Variant
from endpoints.statuses import EndpointStatus, InstanceStatus

#: Gateways notice a changed route within a second or two; only then is an instance stopped.
DRAIN_S: Final = 2.0
#: A start that left no trace for this long never happened.
LOST_AFTER_S: Final = 15.0
STARTS: Final = 3
_SLOWEST_RESTART_S: Final = 60.0
LOG_LINES: Final = 12


@dataclass(slots=True)
class Report:
    """What a step found. `fatal`: why this fleet will not come up."""

    ready: bool = True
    empty: bool = True
    fatal: str = ""


def converge(endpoint: Endpoint, fleet: int) -> Report:
    """One step of every variant of a fleet that is to serve."""
    report = Report()
    runner = registry.runner(endpoint.host)
    for variant in Variant.objects.filter(endpoint=endpoint, fleet=fleet).select_related("model"):
        step(variant, runner, report, wanted=True)
    return report


def wind_down(endpoint: Endpoint, variants: QuerySet[Variant]) -> bool:
    """Lets every instance of these variants go; True once none is left."""
    report = Report()
    runner = registry.runner(endpoint.host)
    for variant in variants.filter(endpoint=endpoint).select_related("model"):
        step(variant, runner, report, wanted=False)
    if report.empty and endpoint.status != EndpointStatus.FAILED:
        variants.filter(endpoint=endpoint).delete()
    return report.empty


def step(variant: Variant, runner: InstanceRunner, report: Report, *, wanted: bool) -> None:
    """One step of every instance of the variant; `wanted` is False for a fleet that leaves."""
    instances = list(variant.instances.select_related("variant__model", "variant__endpoint__team"))
    if wanted:
        instances += _add_missing(variant, instances)
    for instance in instances if not wanted else fleets.surplus(variant, instances):
        _let_go(instance)
    for instance in instances:
        _STEPS[instance.status](instance, runner, report)
    remaining = [one for one in instances if one.status != InstanceStatus.STOPPED]
    serving = sum(one.status == InstanceStatus.IN_SERVICE for one in remaining)
    if serving != variant.current_count:
        Variant.objects.filter(pk=variant.pk).update(current_count=serving)
    report.empty &= not remaining
    report.ready &= serving == len(remaining) == variant.desired_count


def _add_missing(variant: Variant, instances: Sequence[Instance]) -> list[Instance]:
    added: list[Instance] = []
    for _ in range(fleets.missing(variant, instances)):
        made = fleets.add_instance(variant, [*instances, *added])
        if made is None:
            break
        added.append(made)
    return added


def _let_go(instance: Instance) -> None:
    """Out of the routes first: it goes on answering what is under way."""
    if instance.status not in fleets.LEAVING:
        lifecycle.move_instance(instance, InstanceStatus.STOPPING, leaving_at=timezone.now())


def _launch(instance: Instance, runner: InstanceRunner, report: Report) -> None:
    now = timezone.now()
    if instance.restarts and instance.launched_at is not None:
        pause_s = min(_SLOWEST_RESTART_S, 2.0**instance.restarts)
        if now < instance.launched_at + timedelta(seconds=pause_s):
            return
    if not lifecycle.move_instance(instance, InstanceStatus.STARTING, launched_at=now):
        return
    try:
        runner.launch(spec_of(instance))
    except HostError as fault:
        _failed(instance, fault.reason, report, fatal=fault.permanent)


def _start(instance: Instance, runner: InstanceRunner, report: Report) -> None:
    seen = _of_this_start(instance, runner)
    if seen.phase is Phase.SERVING:
        _first_ping(instance, seen, runner, report)
    elif seen.phase is Phase.ABSENT:
        assert instance.launched_at is not None
        if timezone.now() > instance.launched_at + timedelta(seconds=LOST_AFTER_S):
            lifecycle.move_instance(instance, InstanceStatus.PENDING)
    elif seen.phase is Phase.EXITED:
        why = seen.message.removesuffix(".")
        reason = f"{_container(instance)} did not start. {why}."
        _failed(instance, _with_log(reason, instance, runner), report, fatal=seen.permanent)
    elif seen.message:
        # Instances start side by side: each says a thing once for each of its starts.
        message = f"{_place(instance)}: {seen.message}"
        lifecycle.tell(_endpoint(instance), message, since=instance.launched_at)


def _of_this_start(instance: Instance, runner: InstanceRunner) -> Observed:
    """Of an earlier one there is something while another worker launches it just now, or was killed
    before it did; or it was given up, and still ends: see to that."""
    seen = runner.poll(instance.name)
    if seen.attempt >= instance.restarts:
        return seen
    if seen.phase not in {Phase.ABSENT, Phase.EXITED}:
        runner.stop(instance.name)
    return Observed(phase=Phase.ABSENT)


def _first_ping(instance: Instance, seen: Observed, runner: InstanceRunner, report: Report) -> None:
    if runner.answers(seen):
        serves = lifecycle.move_instance(
            instance,
            InstanceStatus.IN_SERVICE,
            address=seen.address,
            cores=list(seen.cores),
            handle=dict(seen.handle),
            failure_reason="",
            failed_starts=0,
        )
        if serves:
            lifecycle.tell(_endpoint(instance), f"{_place(instance)} answers /ping: in service")
        return
    limit_s = instance.variant.health_check_timeout_s
    if timezone.now().timestamp() - seen.serving_since > limit_s:
        # AWS's sentence, then what a person needs next.
        reason = f"{_container(instance)} did not pass the ping health check within {limit_s} s."
        _failed(instance, _with_log(reason, instance, runner), report, fatal=True)
        runner.stop(instance.name)


def _watch(instance: Instance, runner: InstanceRunner, report: Report) -> None:
    seen = runner.poll(instance.name)
    if seen.phase is Phase.SERVING:
        return
    what = seen.message or "Nothing of it runs anymore"
    _failed(instance, _with_log(f"{what}.", instance, runner), report, fatal=False)


def _stop(instance: Instance, runner: InstanceRunner, report: Report) -> None:
    left = instance.leaving_at or timezone.now()
    if timezone.now() < left + timedelta(seconds=DRAIN_S):
        return
    if runner.stop(instance.name):
        instance.status = InstanceStatus.STOPPED.value
        Instance.objects.filter(pk=instance.pk).delete()


def _forget(instance: Instance, runner: InstanceRunner, report: Report) -> None:
    """A row that another process is about to delete."""


_STEPS: Final = {
    InstanceStatus.PENDING.value: _launch,
    InstanceStatus.STARTING.value: _start,
    InstanceStatus.IN_SERVICE.value: _watch,
    InstanceStatus.STOPPING.value: _stop,
    InstanceStatus.STOPPED.value: _forget,
    InstanceStatus.FAILED.value: _forget,
}


def _failed(instance: Instance, reason: str, report: Report, *, fatal: bool) -> None:
    """Starts it anew after a pause. What does not come up is given up after some starts in a row,
    whatever became of it before it served last."""
    starting = instance.status == InstanceStatus.STARTING
    failed_starts = instance.failed_starts + 1 if starting else 0
    moved = lifecycle.move_instance(
        instance,
        InstanceStatus.PENDING,
        restarts=instance.restarts + 1,
        failed_starts=failed_starts,
        failure_reason=reason,
        address="",
    )
    if not moved:
        return
    if fatal or failed_starts >= STARTS:
        report.fatal = report.fatal or reason
    else:
        lifecycle.tell(_endpoint(instance), f"Starting anew. {_place(instance)}: {reason}")


def spec_of(instance: Instance) -> LaunchSpec:
    """What the runner is told: the model's container, and the variant's environment on top."""
    variant, endpoint = instance.variant, instance.variant.endpoint
    container = variant.model.container
    return LaunchSpec(
        name=instance.name,
        account=endpoint.team.account_id,
        region=endpoint.region,
        endpoint=endpoint.name,
        variant=variant.name,
        image=str(container.get("Image", "")),
        model_data_url=str(container.get("ModelDataUrl") or ""),
        environment={**(container.get("Environment") or {}), **variant.environment},
        vcpus=fleets.vcpus(variant),
        cpu_granted=instance.cpu_granted,
        memory_mib=instance.memory_mib,
        exclusive=endpoint.purpose == Endpoint.Purpose.BENCHMARK,
        download_timeout_s=variant.download_timeout_s,
        attempt=instance.restarts,
    )


def _endpoint(instance: Instance) -> Endpoint:
    return instance.variant.endpoint


def _place(instance: Instance) -> str:
    return f"Instance {instance.ordinal} of variant {instance.variant.name}"


def _container(instance: Instance) -> str:
    return f"The primary container for production variant {instance.variant.name}"


def _with_log(reason: str, instance: Instance, runner: InstanceRunner) -> str:
    lines = runner.tail(instance.name, LOG_LINES)
    return "\n".join([reason, "Last log lines:", *lines]) if lines else reason
