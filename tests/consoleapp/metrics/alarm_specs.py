"""Plain functions that make alarms for tests."""

from dataclasses import replace
from typing import Any

from consoleapp.accounts.actor import Actor
from consoleapp.metrics.alarms import AlarmSpec, put_alarm
from consoleapp.metrics.models import Alarm
from tests.consoleapp.metrics.samples import DIMENSIONS

SPEC = AlarmSpec(
    namespace="AWS/SageMaker",
    metric_name="ModelLatency",
    dimensions=DIMENSIONS,
    statistic="p99",
    period_s=10,
    evaluation_periods=2,
    datapoints_to_alarm=2,
    threshold=50_000.0,
    comparison_operator="GreaterThanThreshold",
)


def make_alarm(actor: Actor, name: str = "slow", **changes: Any) -> Alarm:
    return put_alarm(actor, name=name, spec=replace(SPEC, **changes))
