"""An alarm that changes its state tells the topics that it names, in CloudWatch's words."""

import json
import logging
from typing import Any

from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Team
from consoleapp.metrics.models import Alarm
from consoleapp.notifications import services

log = logging.getLogger(__name__)


def tell(sender: type[Alarm], *, alarm: Alarm, before: str, **_: Any) -> None:
    """Listens to alarm_moved. A topic that is gone stops no other."""
    team = Team.objects.filter(account_id=alarm.account).first()
    for arn in alarm.actions.get(alarm.state, ()) if alarm.actions_enabled else ():
        if not arn.startswith("arn:aws:sns:"):
            # A scaling policy, say: whoever has it looks at the alarms that name it.
            continue
        try:
            assert team is not None, f"the account {alarm.account} is gone"
            services.publish(
                Actor.system(team, alarm.region),
                topic_arn=arn,
                subject=f'{alarm.state}: "{alarm.name}" in {alarm.region}'[:100],
                message=_message(alarm, before),
            )
        except (CallerError, AssertionError) as problem:
            log.warning("alarm %s could not tell %s: %s", alarm.arn, arn, problem)


def _message(alarm: Alarm, before: str) -> str:
    return json.dumps(
        {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description or None,
            "AWSAccountId": alarm.account,
            "NewStateValue": alarm.state,
            "NewStateReason": alarm.state_reason,
            "StateChangeTime": timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000",
            "Region": alarm.region,
            "AlarmArn": alarm.arn,
            "OldStateValue": before,
            "Trigger": {
                **_watched(alarm),
                "Period": alarm.period_s,
                "EvaluationPeriods": alarm.evaluation_periods,
                "DatapointsToAlarm": alarm.datapoints_to_alarm,
                "ComparisonOperator": alarm.comparison_operator,
                "Threshold": alarm.threshold,
                "TreatMissingData": alarm.treat_missing_data,
            },
        }
    )


def _watched(alarm: Alarm) -> dict[str, Any]:
    if alarm.metrics:
        return {"Metrics": alarm.metrics}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "Unit": alarm.unit or None,
        "Dimensions": [{"name": n, "value": v} for n, v in alarm.dimensions.items()],
    }
