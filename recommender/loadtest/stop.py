"""When a load test ends: AWS's stopping conditions, the schedule's end, too many errors. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from recommender.loadtest import plateau, window
from recommender.loadtest.window import WINDOW_S, SecondSeen

__all__ = ["SecondSeen", "Stop", "StopReason", "StopRules", "decide"]

DEFAULT_PERCENTILE: Final = 99.0
#: A window in which more than this share failed ends the test: nothing is being measured.
ERRORS_END_IT: Final = 0.5
_ERRORS_AT_LEAST: Final = 10


class StopReason(StrEnum):
    PLATEAU = "FlatInvocations"
    LATENCY_THRESHOLD = "ModelLatencyThresholds"
    TARGET_REACHED = "MaxInvocations"
    DURATION = "JobDurationInSeconds"
    TRAFFIC_ENDED = "TrafficEnded"
    USER_STOP = "StoppedByUser"
    ERRORS = "Errors"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a test ended; `detail` is the sentence people read."""

    reason: StopReason
    detail: str


@dataclass(frozen=True, slots=True)
class StopRules:
    """`percentile` is that of the threshold, and the one ModelLatency is read with in any case.

    At a `scale` below 1 the wanted rate is reached at that share of it. `duration_s` bounds the
    test, `traffic_s` is the length of the traffic pattern (None: unknown here, the generator's end
    is the end).
    """

    max_invocations_per_minute: float | None = None
    latency_threshold_us: float | None = None
    percentile: float = DEFAULT_PERCENTILE
    flat: str = "Stop"
    duration_s: float | None = None
    traffic_s: float | None = None
    scale: float = 1.0

    @classmethod
    def from_aws(
        cls,
        conditions: Mapping[str, Any] | None,
        *,
        duration_s: float | None = None,
        traffic_s: float | None = None,
        scale: float = 1.0,
    ) -> Self:
        """From StoppingConditions in AWS's shape. Raises ValueError on an unknown percentile."""
        given = conditions or {}
        threshold = next(iter(given.get("ModelLatencyThresholds") or ()), None)
        target = given.get("MaxInvocations")
        return cls(
            max_invocations_per_minute=None if target is None else float(target),
            latency_threshold_us=_threshold_us(threshold),
            percentile=_percentile(threshold),
            flat=given.get("FlatInvocations") or "Stop",
            duration_s=duration_s,
            traffic_s=traffic_s,
            scale=scale,
        )


def decide(seen: Sequence[SecondSeen], rules: StopRules, now: float) -> Stop | None:
    """Whether the test ends now, and why; the first rule that holds decides.

    Latency comes first (what is read then must be inside the threshold), then the target, then
    the plateau (unless FlatInvocations is Continue), errors, and last the two clocks.
    """
    if not seen:
        return None
    return (
        _latency(seen, rules)
        or _target(seen, rules)
        or _plateau(seen, rules)
        or _errors(seen)
        or _clocks(seen, rules, now)
    )


def crosses(part: Sequence[SecondSeen], rules: StopRules) -> bool:
    """Whether a stretch of seconds lies above the latency threshold."""
    if rules.latency_threshold_us is None:
        return False
    latency = window.latency_us(part, rules.percentile)
    return latency is not None and latency > rules.latency_threshold_us


def _latency(seen: Sequence[SecondSeen], rules: StopRules) -> Stop | None:
    if len(seen) < WINDOW_S or rules.latency_threshold_us is None:
        return None
    last = seen[-WINDOW_S:]
    halves = (last[: WINDOW_S // 2], last[WINDOW_S // 2 :])
    # Both halves: one slow second (a collection, a cold page) is not the endpoint's latency.
    if not (crosses(last, rules) and all(crosses(half, rules) for half in halves)):
        return None
    measured = window.latency_us(last, rules.percentile) or 0.0
    return Stop(
        StopReason.LATENCY_THRESHOLD,
        f"P{rules.percentile:g} model latency was {measured / 1000:.1f} ms over the last "
        f"{WINDOW_S} s, above the threshold of {rules.latency_threshold_us / 1000:g} ms",
    )


def _target(seen: Sequence[SecondSeen], rules: StopRules) -> Stop | None:
    target = rules.max_invocations_per_minute
    if target is None or len(seen) < WINDOW_S:
        return None
    rate = window.rate_per_minute(seen[-WINDOW_S:])
    if rate < target * rules.scale:
        return None
    wanted = f"the target of {target:.0f}"
    if rules.scale < 1:
        wanted = f"{target * rules.scale:.0f}, {wanted} at the scale of {rules.scale:g}"
    return Stop(StopReason.TARGET_REACHED, f"{rate:.0f} invocations per minute reached {wanted}")


def _plateau(seen: Sequence[SecondSeen], rules: StopRules) -> Stop | None:
    if rules.flat == "Continue":
        return None
    found = plateau.find(seen)
    if found is None:
        return None
    return Stop(
        StopReason.PLATEAU,
        f"invocations levelled off at {found.rate_per_minute:.0f} per minute with "
        f"{found.users} users; users grew to {seen[-1].users} since and the rate did not",
    )


def _errors(seen: Sequence[SecondSeen]) -> Stop | None:
    last = seen[-WINDOW_S:]
    ended = sum(s.invocations for s in last)
    failed = sum(s.errors for s in last)
    if len(last) < WINDOW_S or failed < _ERRORS_AT_LEAST or failed <= ERRORS_END_IT * ended:
        return None
    return Stop(
        StopReason.ERRORS, f"{failed} of {ended} invocations failed in the last {WINDOW_S} s"
    )


def _clocks(seen: Sequence[SecondSeen], rules: StopRules, now: float) -> Stop | None:
    elapsed = now - seen[0].second
    if rules.duration_s is not None and elapsed >= rules.duration_s:
        return Stop(
            StopReason.DURATION, f"the maximum duration of {rules.duration_s:g} s was reached"
        )
    if rules.traffic_s is not None and elapsed >= rules.traffic_s:
        return Stop(StopReason.TRAFFIC_ENDED, f"the traffic pattern of {rules.traffic_s:g} s ended")
    return None


def _threshold_us(threshold: Mapping[str, Any] | None) -> float | None:
    if threshold is None or threshold.get("ValueInMilliseconds") is None:
        return None
    return 1000.0 * float(threshold["ValueInMilliseconds"])


def _percentile(threshold: Mapping[str, Any] | None) -> float:
    name = (threshold or {}).get("Percentile")
    if not name:
        return DEFAULT_PERCENTILE
    return float(str(name).upper().removeprefix("P"))
