"""What a traffic pattern must keep to: the team's quotas, and AWS's rule between phases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from recommender.errors import FieldError
from recommender.request import JobRequest

FIELD: Final = "InputConfig.TrafficPattern"
Limit = Callable[[str], float]


def problems(request: JobRequest, limit: Limit) -> Iterator[FieldError]:
    pattern = request.traffic
    if request.is_default:
        if pattern:
            yield FieldError(
                FIELD, "A Default job chooses its traffic itself: TrafficPattern is for Advanced."
            )
        return
    kind = pattern.get("TrafficType")
    if not pattern or not kind:
        yield FieldError(f"{FIELD}.TrafficType", "Specify TrafficType: PHASES or STAIRS.")
    elif kind == "PHASES":
        yield from _phases(pattern, limit)
    else:
        yield from _stairs(pattern, limit)


def total_seconds(pattern: Mapping[str, Any]) -> int:
    if pattern.get("TrafficType") == "STAIRS":
        return int((pattern.get("Stairs") or {}).get("DurationInSeconds") or 0)
    return sum(int(p.get("DurationInSeconds") or 0) for p in pattern.get("Phases") or [])


def users_at_end(phase: Mapping[str, Any]) -> int:
    spawned = int(phase.get("SpawnRate") or 0) * int(phase.get("DurationInSeconds") or 0) // 60
    return int(phase.get("InitialNumberOfUsers") or 0) + spawned


def _phases(pattern: Mapping[str, Any], limit: Limit) -> Iterator[FieldError]:
    phases: Sequence[Mapping[str, Any]] = pattern.get("Phases") or []
    if not phases:
        yield FieldError(f"{FIELD}.Phases", "Add at least one phase.")
    if pattern.get("Stairs"):
        yield FieldError(f"{FIELD}.Stairs", "Stairs is for TrafficType STAIRS; this is PHASES.")
    for index, phase in enumerate(phases):
        yield from _phase(phase, index, limit)
    for index in range(1, len(phases)):
        yield from _jump(phases[index - 1], phases[index], index, limit)


def _phase(phase: Mapping[str, Any], index: int, limit: Limit) -> Iterator[FieldError]:
    field, most_users = f"{FIELD}.Phases.{index}", limit("recommender.users.max")
    # A later phase goes on where the one before it ended: see _jump.
    first = limit("recommender.initial_users.max") if index == 0 else most_users
    bounds = (
        ("InitialNumberOfUsers", limit("recommender.initial_users.min"), first),
        ("SpawnRate", 0, limit("recommender.spawn_rate.max")),
        (
            "DurationInSeconds",
            limit("recommender.phase_seconds.min"),
            limit("recommender.phase_seconds.max"),
        ),
    )
    for name, least, most in bounds:
        yield from within(phase.get(name), f"{field}.{name}", least, most)
    if users_at_end(phase) > most_users:
        yield _too_many(f"{field}.SpawnRate", "The phase", users_at_end(phase), most_users)


def _too_many(field: str, what: str, users: int, most: float) -> FieldError:
    return FieldError(field, f"{what} ends with {users} users; {most:g} at most at the same time.")


def _jump(
    before: Mapping[str, Any], phase: Mapping[str, Any], index: int, limit: Limit
) -> Iterator[FieldError]:
    end, start = users_at_end(before), int(phase.get("InitialNumberOfUsers") or 0)
    most = limit("recommender.phase_user_jump.max")
    if abs(start - end) > most:
        yield FieldError(
            f"{FIELD}.Phases.{index}.InitialNumberOfUsers",
            f"Users at the end of prev phase is {end} while initial users of current phase is"
            f" {start}. They may differ by {most:g} at most.",
        )


def _stairs(pattern: Mapping[str, Any], limit: Limit) -> Iterator[FieldError]:
    stairs = pattern.get("Stairs") or {}
    field = f"{FIELD}.Stairs"
    if pattern.get("Phases"):
        yield FieldError(f"{FIELD}.Phases", "Phases is for TrafficType PHASES; this is STAIRS.")
    seconds, steps = stairs.get("DurationInSeconds"), stairs.get("NumberOfSteps")
    low, high = limit("recommender.phase_seconds.min"), limit("recommender.phase_seconds.max")
    yield from within(seconds, f"{field}.DurationInSeconds", low, high)
    yield from within(steps, f"{field}.NumberOfSteps", 1, None)
    most = limit("recommender.users_per_step.max")
    yield from within(stairs.get("UsersPerStep"), f"{field}.UsersPerStep", 1, most)
    if seconds and steps and seconds // steps < 1:
        yield FieldError(
            f"{field}.NumberOfSteps",
            f"A step lasts DurationInSeconds / NumberOfSteps: {steps} steps do not fit"
            f" {seconds} seconds.",
        )
    most_users = limit("recommender.users.max")
    users = (steps or 0) * (stairs.get("UsersPerStep") or 0)
    if users > most_users:
        yield _too_many(f"{field}.NumberOfSteps", "The staircase", users, most_users)


def within(value: int | None, field: str, least: float, most: float | None) -> Iterator[FieldError]:
    """Nothing when `value` lies between the two; `most` None means unbounded."""
    name = field.rsplit(".", 1)[-1]
    if value is None:
        yield FieldError(field, f"{name} is required.")
    elif value < least or (most is not None and value > most):
        bounds = f"at least {least:g}" if most is None else f"between {least:g} and {most:g}"
        yield FieldError(field, f"{name} must be {bounds}; {value} was given.")
