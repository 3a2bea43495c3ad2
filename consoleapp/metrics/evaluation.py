"""Looks at the alarms that are due and moves those whose datapoints say so."""

import logging
import time
from typing import Final

from consoleapp.metrics import alarm_metrics, queries
from consoleapp.metrics.alarm_rule import Rule, decide, enough_samples
from consoleapp.metrics.models import Alarm
from consoleapp.metrics.statistics import percent_of
from consoleapp.metrics.transitions import move

logger = logging.getLogger(__name__)

#: How long after its end a second is taken as complete: its writers report within that.
SETTLED_AFTER_S: Final = 3
_LOOKS_PER_RANGE: Final = 360


def evaluate_all(now: float | None = None) -> int:
    """Says how many alarms changed their state. One that cannot be judged stops no other."""
    moment = int(time.time() if now is None else now)
    changed = 0
    for alarm in Alarm.objects.order_by("pk"):
        if moment < alarm.evaluated_second + _interval_s(alarm):
            continue
        try:
            changed += evaluate(alarm, moment)
        except Exception:
            logger.exception("alarm %s could not be evaluated", alarm.arn)
    return changed


def evaluate(alarm: Alarm, now: int) -> bool:
    """Judges one alarm at a moment: its periods end there, not at round times, so that a breach
    is seen within one look whatever the period. Says whether the state changed."""
    rule = rule_of(alarm)
    seen = datapoints(alarm, now, rule.range_periods)
    verdict = decide(seen, rule)
    Alarm.objects.filter(pk=alarm.pk).update(evaluated_second=now)
    if verdict.state is None or verdict.state == alarm.state or _too_few(alarm, now):
        return False
    detail = {"datapoints": seen, "threshold": alarm.threshold}
    return move(alarm, verdict.state, verdict.reason, detail)


def datapoints(alarm: Alarm, now: int, count: int, *, statistic: str = "") -> list[float | None]:
    """What the alarm sees at a moment, oldest first. `statistic`: instead of its own."""
    owner, end = (alarm.account, alarm.region), now - SETTLED_AFTER_S
    if alarm.metrics:
        return alarm_metrics.windows(owner, alarm.metrics, end=end, count=count)
    return queries.windows(
        (*owner, alarm.namespace, alarm.metric_name, alarm.dimensions),
        end=end,
        period_s=alarm.period_s,
        count=count,
        statistic=statistic or alarm.statistic,
        unit=alarm.unit,
    )


def _too_few(alarm: Alarm, now: int) -> bool:
    """Whether a percentile rests on too few samples for an alarm that ignores such ones."""
    percent = percent_of(alarm.statistic)
    if alarm.low_samples != "ignore" or percent is None:
        return False
    counts = datapoints(alarm, now, alarm.evaluation_periods, statistic="SampleCount")
    return sum(count or 0.0 for count in counts) < enough_samples(percent)


def rule_of(alarm: Alarm) -> Rule:
    return Rule(
        comparison=alarm.comparison_operator,
        threshold=alarm.threshold,
        evaluation_periods=alarm.evaluation_periods,
        datapoints_to_alarm=alarm.datapoints_to_alarm,
        treat_missing=alarm.treat_missing_data,
    )


def _interval_s(alarm: Alarm) -> int:
    # An alarm over a day reads a day of samples: it is looked at every few minutes only.
    return alarm.period_s * alarm.evaluation_periods // _LOOKS_PER_RANGE
