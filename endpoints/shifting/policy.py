"""DeploymentConfig as AWS has it, read into a policy; its limits in words. Pure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from consoleapp.accounts.errors import ValidationFailed
from endpoints.shift import Policy, Routing, Size, SizeKind, duration_s, steps

MOST_WAIT_S: Final = 3600
LEAST_TIMEOUT_S: Final = 600
MOST_TIMEOUT_S: Final = 28_800
MOST_ALARMS: Final = 10
ALL_AT_ONCE: Final = Policy(routing=Routing.ALL_AT_ONCE)
_MEMBER: Final = "DeploymentConfig"
#: Percent of the fleet that a size may be, as AWS limits it.
_PERCENT: Final[Mapping[Routing, tuple[str, int, int]]] = {
    Routing.CANARY: ("CanarySize", 1, 50),
    Routing.LINEAR: ("LinearStepSize", 10, 50),
    Routing.ROLLING: ("MaximumBatchSize", 5, 50),
}


def from_aws(config: Mapping[str, Any] | None) -> Policy:
    """Without a configuration: all traffic at once. Raises ValidationFailed."""
    if not config:
        return ALL_AT_ONCE
    blue_green = config.get("BlueGreenUpdatePolicy")
    rolling = config.get("RollingUpdatePolicy")
    if blue_green is not None and rolling is not None:
        raise _refused("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy may be given.")
    with _reading():
        if rolling is not None:
            return _rolling(rolling)
        return ALL_AT_ONCE if blue_green is None else _blue_green(blue_green)


@contextmanager
def _reading() -> Iterator[None]:
    """Raises ValidationFailed for members that are missing or of the wrong type."""
    try:
        yield
    except KeyError as missing:
        raise _refused(f"The member {missing} is missing.") from None
    except (TypeError, AttributeError, ValueError) as problem:
        raise _refused(f"A member has a value that it cannot have: {problem}.") from None


def _blue_green(given: Mapping[str, Any]) -> Policy:
    traffic = given["TrafficRoutingConfiguration"]
    routing = Routing(traffic["Type"])
    if routing is Routing.ROLLING:
        raise _refused("The type of a traffic routing is ALL_AT_ONCE, CANARY or LINEAR.")
    sizes = {Routing.CANARY: "CanarySize", Routing.LINEAR: "LinearStepSize"}
    wanted = sizes.get(routing)
    other = set(sizes.values()) - {wanted}
    for name in other:
        if traffic.get(name):
            raise _refused(f"{name} does not go with traffic routing of type {routing}.")
    return Policy(
        routing=routing,
        wait_s=int(traffic["WaitIntervalInSeconds"]),
        size=_size(traffic[wanted]) if wanted else None,
        termination_wait_s=int(given.get("TerminationWaitInSeconds") or 0),
        timeout_s=_timeout_s(given),
    )


def _rolling(given: Mapping[str, Any]) -> Policy:
    back = given.get("RollbackMaximumBatchSize")
    return Policy(
        routing=Routing.ROLLING,
        wait_s=int(given["WaitIntervalInSeconds"]),
        size=_size(given["MaximumBatchSize"]),
        timeout_s=_timeout_s(given),
        rollback_size=_size(back) if back else None,
    )


def _timeout_s(given: Mapping[str, Any]) -> int | None:
    seconds = given.get("MaximumExecutionTimeoutInSeconds")
    return None if seconds is None else int(seconds)


def _size(given: Mapping[str, Any]) -> Size:
    return Size(SizeKind(given["Type"]), int(given["Value"]))


def alarms_in(config: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The names in AutoRollbackConfiguration. Raises ValidationFailed."""
    with _reading():
        given = ((config or {}).get("AutoRollbackConfiguration") or {}).get("Alarms") or ()
        return tuple(str(alarm["AlarmName"]) for alarm in given)


def check(policy: Policy, instances: int) -> None:
    """Raises ValidationFailed when it breaks one of AWS's limits. `instances`: of the new fleet."""
    _within("WaitIntervalInSeconds", policy.wait_s, 0, MOST_WAIT_S)
    _within("TerminationWaitInSeconds", policy.termination_wait_s, 0, MOST_WAIT_S)
    _check_size(policy, instances)
    if policy.timeout_s is None:
        return
    member = "MaximumExecutionTimeoutInSeconds"
    _within(member, policy.timeout_s, LEAST_TIMEOUT_S, MOST_TIMEOUT_S)
    waiting_s = duration_s(steps(policy, instances))
    if policy.timeout_s <= waiting_s:
        raise _refused(
            f"{member} is {policy.timeout_s}, but the waiting alone takes {waiting_s} seconds."
        )


def _check_size(policy: Policy, instances: int) -> None:
    if policy.routing is Routing.ALL_AT_ONCE:
        return
    member, least, most = _PERCENT[policy.routing]
    size = policy.size
    if size is None:
        raise _refused(f"{policy.routing} needs a {member}.")
    if size.kind is SizeKind.CAPACITY_PERCENT:
        _within(member, size.value, least, most)
    elif not 1 <= size.value <= max(1, instances * most // 100):
        raise _refused(
            f"{member} must be at least 1 instance and at most {most} % of the fleet's {instances};"
            f" {size.value} was given."
        )
    back = policy.rollback_size
    if back is not None and back.kind is SizeKind.CAPACITY_PERCENT:
        _within("RollbackMaximumBatchSize", back.value, least, 100)
    elif back is not None and back.value < 1:
        raise _refused("RollbackMaximumBatchSize must be at least 1 instance.")


def stored(policy: Policy) -> dict[str, Any]:
    return asdict(policy)


def restored(given: Mapping[str, Any]) -> Policy:
    """What `stored` made, after a journey through JSON."""
    fields = dict(given)
    for name in ("size", "rollback_size"):
        size = fields.get(name)
        fields[name] = Size(SizeKind(size["kind"]), size["value"]) if size else None
    return Policy(**{**fields, "routing": Routing(fields["routing"])})


def _within(member: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise _refused(f"{member} must be between {least} and {most}, but is {value}.")


def _refused(message: str) -> ValidationFailed:
    return ValidationFailed(message, field=_MEMBER)
