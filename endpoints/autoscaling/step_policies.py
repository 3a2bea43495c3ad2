"""Step scaling policies and the alarms that call them: an alarm's actions name a policy's ARN."""

import time
from collections.abc import Iterable

from consoleapp.metrics import alarms, evaluation
from consoleapp.metrics.models import Alarm
from endpoints import stepping
from endpoints.models import ScalingPolicy
from endpoints.scaling import Since, Wish
from endpoints.stepping import Breach, Stepping


def alarms_of(policy: ScalingPolicy) -> list[Alarm]:
    """Those that name the policy, whatever their state."""
    row = policy.target.endpoint
    return alarms.naming(row.team.account_id, row.region, policy.arn)


def wish(policy: ScalingPolicy, current: int, since: Since) -> Wish | None:
    return stepping.wish(
        current,
        _breaches(policy, alarms_of(policy)),
        Stepping.of(policy.configuration),
        since,
        policy.target.scaled_from,
    )


def _breaches(policy: ScalingPolicy, named: Iterable[Alarm]) -> list[Breach]:
    return [
        _breach(alarm)
        for alarm in named
        if alarm.actions_enabled and policy.arn in alarm.actions.get(alarm.state, ())
    ]


def _breach(alarm: Alarm) -> Breach:
    seen = evaluation.datapoints(alarm, int(time.time()), alarm.evaluation_periods)
    return Breach(
        alarm=alarm.name,
        threshold=alarm.threshold,
        datapoints=tuple(value for value in seen if value is not None),
        above=alarm.comparison_operator.startswith("Greater"),
        period_s=alarm.period_s,
    )
