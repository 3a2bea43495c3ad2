"""When an alarm's datapoints put it into a state: CloudWatch's rules as a pure function.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
WORDS: Final[Mapping[str, str]] = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
TREATMENTS: Final = ("missing", "ignore", "breaching", "notBreaching")
LOW_SAMPLES: Final = ("evaluate", "ignore")
# In AWS's tables three periods are judged out of a range of five.
_EXTRA_PERIODS: Final = 2


@dataclass(frozen=True, slots=True)
class Rule:
    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    treat_missing: str = "missing"

    @property
    def range_periods(self) -> int:
        """How many periods to look at: more than are judged, as some may be missing."""
        return self.evaluation_periods + _EXTRA_PERIODS


def enough_samples(percent: float) -> float:
    """Fewer than these make no percentile that means anything, as AWS documents it."""
    share = percent / 100
    rarer = 1 - share if share >= 0.5 else share
    return 10 / rarer if rarer > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` is None where the alarm keeps the one it has. `judged`: the real values used."""

    state: State | None
    reason: str
    judged: tuple[float, ...]


def decide(datapoints: Sequence[float | None], rule: Rule) -> Verdict:
    """Judges the periods of the evaluation range, oldest first; None is a missing one."""
    real = [value for value in datapoints if value is not None]
    judged = tuple(real[-rule.evaluation_periods :])
    breaches = COMPARISONS[rule.comparison]
    breaching = sum(breaches(value, rule.threshold) for value in judged)
    missing = rule.evaluation_periods - len(judged)
    state = _state(datapoints, judged, breaching, missing, rule)
    return Verdict(state, _reason(state, judged, breaching, missing, rule), judged)


def _state(
    datapoints: Sequence[float | None],
    judged: tuple[float, ...],
    breaching: int,
    missing: int,
    rule: Rule,
) -> State | None:
    if rule.treat_missing == "breaching":
        breaching += missing
    if breaching >= rule.datapoints_to_alarm:
        return "ALARM"
    if not missing or rule.treat_missing in ("breaching", "notBreaching"):
        return "OK"
    if len(judged) > breaching:
        # One value within the threshold is enough to know that all is well.
        return "OK"
    if rule.treat_missing == "ignore":
        return None
    if not judged:
        return "INSUFFICIENT_DATA"
    # All that came breached. It is an alarm once there was time for as many as it needs.
    oldest = next(age for age, value in enumerate(datapoints) if value is not None)
    return "ALARM" if len(datapoints) - oldest >= rule.datapoints_to_alarm else None


def _reason(
    state: State | None, judged: tuple[float, ...], breaching: int, missing: int, rule: Rule
) -> str:
    if not judged:
        treated = "" if rule.treat_missing == "missing" else f", treated as {rule.treat_missing}"
        return f"{_count(rule.evaluation_periods)} {_were(missing)} unknown{treated}."
    counted = breaching if state == "ALARM" else len(judged) - breaching
    values = ", ".join(f"{value:.6g}" for value in judged)
    no = "" if state == "ALARM" else "not "
    told = f"{counted} out of the last {_count(len(judged))} [{values}] {_were(counted)} {no}"
    told += f"{WORDS[rule.comparison]} the threshold ({rule.threshold:g})"
    if missing:
        told += f"; {_count(missing)} {_were(missing)} missing, treated as {rule.treat_missing}"
    return f"Threshold crossed: {told}."


def _count(number: int) -> str:
    return f"{number} datapoint{'s'[: number != 1]}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
