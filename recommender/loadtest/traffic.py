"""Traffic patterns: how many users there are at each moment of a load test.

Pure. PHASES and STAIRS come in AWS's member names; everything else works in seconds and users.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

SECONDS_PER_MINUTE: Final = 60
# 20 s x 3 users / 60 s must be exactly one user, however the division was rounded.
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Phase:
    """Starts with `initial_users` whatever came before; then one more every 60 / rate seconds."""

    initial_users: int
    spawn_rate_per_minute: int
    duration_s: int

    def __post_init__(self) -> None:
        _at_least(self.initial_users, 1, "InitialNumberOfUsers")
        _at_least(self.spawn_rate_per_minute, 0, "SpawnRate")
        _at_least(self.duration_s, 1, "DurationInSeconds")

    def users_at(self, elapsed_s: float) -> int:
        inside = min(max(elapsed_s, 0.0), self.duration_s)
        spawned = int(self.spawn_rate_per_minute * inside / SECONDS_PER_MINUTE + _ROUNDING)
        return self.initial_users + spawned

    @property
    def users_at_end(self) -> int:
        return self.users_at(self.duration_s)

    def changes(self) -> Iterator[tuple[float, int]]:
        yield 0.0, self.initial_users
        for nth in range(1, self.users_at_end - self.initial_users + 1):
            yield nth * SECONDS_PER_MINUTE / self.spawn_rate_per_minute, self.initial_users + nth


@dataclass(frozen=True, slots=True)
class Phases:
    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        if not self.phases:
            raise ValueError("Phases must hold at least one phase")

    @property
    def duration_s(self) -> int:
        return sum(phase.duration_s for phase in self.phases)

    @property
    def max_users(self) -> int:
        return max(phase.users_at_end for phase in self.phases)

    def users_at(self, elapsed_s: float) -> int:
        """Users at a moment: none before the start, the last phase's end after the end."""
        if elapsed_s < 0:
            return 0
        for phase in self.phases[:-1]:
            if elapsed_s < phase.duration_s:
                return phase.users_at(elapsed_s)
            elapsed_s -= phase.duration_s
        return self.phases[-1].users_at(elapsed_s)

    def changes(self) -> Iterator[tuple[float, int]]:
        """Each moment (seconds from the start) at which the number of users becomes another."""
        begin, users = 0.0, 0
        for phase in self.phases:
            for moment, count in phase.changes():
                # A user due at the very end of a phase belongs to the next phase's start.
                if moment < phase.duration_s and count != users:
                    users = count
                    yield begin + moment, count
            begin += phase.duration_s

    @classmethod
    def from_aws(cls, items: Sequence[Mapping[str, Any]]) -> Self:
        return cls(
            tuple(
                Phase(
                    _whole(item, "InitialNumberOfUsers"),
                    _whole(item, "SpawnRate"),
                    _whole(item, "DurationInSeconds"),
                )
                for item in items
            )
        )


@dataclass(frozen=True, slots=True)
class Stairs:
    """`duration_s` is the whole pattern's: a step is duration / steps long."""

    duration_s: int
    steps: int
    users_per_step: int

    def __post_init__(self) -> None:
        _at_least(self.duration_s, 1, "DurationInSeconds")
        _at_least(self.steps, 1, "NumberOfSteps")
        _at_least(self.users_per_step, 1, "UsersPerStep")

    @property
    def max_users(self) -> int:
        return self.steps * self.users_per_step

    def users_at(self, elapsed_s: float) -> int:
        if elapsed_s < 0:
            return 0
        step = int(elapsed_s * self.steps / self.duration_s + _ROUNDING) + 1
        return min(step, self.steps) * self.users_per_step

    def changes(self) -> Iterator[tuple[float, int]]:
        for step in range(self.steps):
            yield step * self.duration_s / self.steps, (step + 1) * self.users_per_step

    @classmethod
    def from_aws(cls, item: Mapping[str, Any]) -> Self:
        return cls(
            _whole(item, "DurationInSeconds"),
            _whole(item, "NumberOfSteps"),
            _whole(item, "UsersPerStep"),
        )


TrafficPattern = Phases | Stairs


def from_aws(pattern: Mapping[str, Any]) -> TrafficPattern:
    """A TrafficPattern in AWS's shape. Raises ValueError with the member that is wrong."""
    kind = pattern.get("TrafficType") or ("STAIRS" if pattern.get("Stairs") else "PHASES")
    if kind == "PHASES":
        return Phases.from_aws(pattern.get("Phases") or ())
    if kind == "STAIRS":
        return Stairs.from_aws(pattern.get("Stairs") or {})
    raise ValueError(f"TrafficType must be PHASES or STAIRS, not {kind!r}")


def share_of(users: int, index: int, of: int) -> int:
    """How many of `users` worker `index` of `of` drives: user k belongs to worker k mod `of`."""
    return (users - index + of - 1) // of if users > index else 0


def _whole(item: Mapping[str, Any], member: str) -> int:
    value = item.get(member)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{member} must be a whole number")
    return value


def _at_least(value: int, minimum: int, member: str) -> None:
    if value < minimum:
        raise ValueError(f"{member} must be at least {minimum}")
