"""What ends a shift while it bakes, and what having too little data means. Pure.

A guard on a metric judges what the shift's new variants (or fleet) answered since its step began:
over the whole of it, and over the last minute, so that neither a slow trickle nor a late burst
hides. It says nothing before `minimum_samples` invocations. A named alarm counts as soon as it is
in state ALARM; INSUFFICIENT_DATA is no alarm.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self

from consoleapp.accounts.errors import ValidationFailed

_PERCENTILE: Final = re.compile(r"^p\d{1,2}(\.\d{1,2})?$")
MOST_ALARMS: Final = 10


class NoData(StrEnum):
    """When a step's wait is over and there were fewer invocations than `minimum_samples`."""

    #: Go on, as at AWS: an alarm without data does not trip.
    CONTINUE = "Continue"
    #: Stay at this step until there were enough.
    WAIT = "Wait"
    ROLL_BACK = "RollBack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    #: More than this part of the invocations answered 5XX: 0.01 is one in a hundred.
    max_error_rate: float | None = None
    max_latency_us: float | None = None
    latency_percentile: str = "p99"
    alarms: tuple[str, ...] = ()
    minimum_samples: int = 20
    no_data: NoData = NoData.CONTINUE

    @property
    def reads_metrics(self) -> bool:
        return self.max_error_rate is not None or self.max_latency_us is not None

    def check(self) -> None:
        """Raises ValidationFailed with the member at fault."""
        if self.max_error_rate is not None and not 0 <= self.max_error_rate < 1:
            raise ValidationFailed(
                "The 5XX rate that rolls back is a part from 0 to below 1.", field="max_error_rate"
            )
        if self.max_latency_us is not None and not 0 < self.max_latency_us < float("inf"):
            raise ValidationFailed("The latency must be above 0.", field="max_latency_us")
        if not _PERCENTILE.match(self.latency_percentile):
            raise ValidationFailed(
                f"A percentile is written as p50 or p99.9, not {self.latency_percentile!r}.",
                field="latency_percentile",
            )
        if not 1 <= self.minimum_samples <= 1_000_000:
            raise ValidationFailed(
                "The least number of invocations is 1 to 1000000.", field="minimum_samples"
            )
        if len(self.alarms) > MOST_ALARMS:
            raise ValidationFailed(f"At most {MOST_ALARMS} alarms can guard.", field="alarms")

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def restored(cls, given: Mapping[str, Any]) -> Self:
        fields = dict(given)
        fields["alarms"] = tuple(fields.get("alarms", ()))
        fields["no_data"] = NoData(fields.get("no_data", NoData.CONTINUE))
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one new variant answered in one window of time."""

    variant: str
    window: str
    invocations: int
    errors: int
    latency_us: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`breach`: why to roll back, or empty. `enough`: whether the guards had data to judge by."""

    breach: str
    samples: int
    enough: bool


def judge(guards: Guards, seen: Sequence[Seen], in_alarm: Sequence[str]) -> Verdict:
    """`seen`: each new variant, over one or more windows, the longest of each first."""
    breaches = [f"Alarm {name} is in state ALARM." for name in in_alarm]
    for each in seen:
        if each.invocations >= guards.minimum_samples:
            breaches += _breaches(guards, each)
    longest: dict[str, int] = {}
    for each in seen:
        longest.setdefault(each.variant, each.invocations)
    samples = min(longest.values(), default=0)
    enough = not guards.reads_metrics or samples >= guards.minimum_samples
    return Verdict(breaches[0] if breaches else "", samples, enough)


def _breaches(guards: Guards, seen: Seen) -> list[str]:
    found = []
    rate = seen.errors / seen.invocations
    if guards.max_error_rate is not None and rate > guards.max_error_rate:
        found.append(
            f"{seen.variant} answered {seen.errors} of {seen.invocations} invocations with 5XX"
            f" {seen.window}: {100 * rate:.4g}%, more than {100 * guards.max_error_rate:.4g}%."
        )
    limit_us, latency_us = guards.max_latency_us, seen.latency_us
    if limit_us is not None and latency_us is not None and latency_us > limit_us:
        found.append(
            f"ModelLatency {guards.latency_percentile} of {seen.variant} {seen.window} was"
            f" {latency_us / 1000:.4g} ms, more than {limit_us / 1000:.4g} ms."
        )
    return found


class Ending(StrEnum):
    """What follows when a step's wait is over."""

    PASS = "pass"  # noqa: S105 - no secret
    WAIT = "wait"
    ROLL_BACK = "roll back"


def ending(guards: Guards, verdict: Verdict) -> Ending:
    if verdict.breach:
        return Ending.ROLL_BACK
    if verdict.enough or guards.no_data is NoData.CONTINUE:
        return Ending.PASS
    return Ending.WAIT if guards.no_data is NoData.WAIT else Ending.ROLL_BACK
