"""Looks at the alarms that are due and moves those whose datapoints say so."""

import logging
import time
from typing import Final

from consoleapp.metrics import queries
from consoleapp.metrics.alarm_rule import Rule, decide
from consoleapp.metrics.models import Alarm
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
    datapoints = queries.windows(
        (alarm.account, alarm.region, alarm.namespace, alarm.metric_name, alarm.dimensions),
        end=now - SETTLED_AFTER_S,
        period_s=alarm.period_s,
        count=rule.range_periods,
        statistic=alarm.statistic,
    )
    verdict = decide(datapoints, rule)
    Alarm.objects.filter(pk=alarm.pk).update(evaluated_second=now)
    if verdict.state is None or verdict.state == alarm.state:
        return False
    detail = {"datapoints": datapoints, "threshold": alarm.threshold}
    return move(alarm, verdict.state, verdict.reason, detail)


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
