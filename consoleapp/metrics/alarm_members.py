"""An alarm in CloudWatch's member names, as boto3's put_metric_alarm and describe_alarms say it."""

from collections.abc import Mapping
from typing import Any, Final

from consoleapp.metrics.alarm_metrics import period_of
from consoleapp.metrics.alarms import AlarmSpec
from consoleapp.metrics.models import Alarm, AlarmHistory
from consoleapp.metrics.statistics import percent_of

_ACTIONS: Final = {
    "OK": "OKActions",
    "ALARM": "AlarmActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}


def spec_of(members: Mapping[str, Any]) -> AlarmSpec:
    """Members must have their types already; what they hold is checked by the service."""
    periods, metrics = int(members["EvaluationPeriods"]), members.get("Metrics") or ()
    return AlarmSpec(
        namespace=members.get("Namespace", ""),
        metric_name=members.get("MetricName", ""),
        dimensions={pair["Name"]: pair["Value"] for pair in members.get("Dimensions") or ()},
        statistic=members.get("ExtendedStatistic") or members.get("Statistic") or "",
        metrics=metrics,
        unit=members.get("Unit") or "",
        low_samples=members.get("EvaluateLowSampleCountPercentile", ""),
        period_s=period_of(metrics) if metrics else int(members["Period"]),
        evaluation_periods=periods,
        datapoints_to_alarm=int(members.get("DatapointsToAlarm") or periods),
        threshold=float(members["Threshold"]),
        comparison_operator=members["ComparisonOperator"],
        treat_missing_data=members.get("TreatMissingData") or "missing",
        description=members.get("AlarmDescription") or "",
        actions={state: members[name] for state, name in _ACTIONS.items() if members.get(name)},
        actions_enabled=members.get("ActionsEnabled", True),
    )


def members_of(alarm: Alarm) -> dict[str, Any]:
    """The items of DescribeAlarms' MetricAlarms."""
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn,
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured_at,
        "StateValue": alarm.state,
        "StateReason": alarm.state_reason,
        "StateUpdatedTimestamp": alarm.state_since,
        "StateTransitionedTimestamp": alarm.state_since,
        **watched_members(alarm),
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison_operator,
        "TreatMissingData": alarm.treat_missing_data,
        "ActionsEnabled": alarm.actions_enabled,
        **{name: list(alarm.actions.get(state, ())) for state, name in _ACTIONS.items()},
    }


def watched_members(alarm: Alarm) -> dict[str, Any]:
    """What the alarm watches: its metric, or its Metrics."""
    if alarm.metrics:
        return {"Metrics": alarm.metrics}
    kind = "Statistic" if percent_of(alarm.statistic) is None else "ExtendedStatistic"
    unit = {"Unit": alarm.unit} if alarm.unit else {}
    low = {"EvaluateLowSampleCountPercentile": alarm.low_samples} if alarm.low_samples else {}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        kind: alarm.statistic,
        "Dimensions": [
            {"Name": name, "Value": value} for name, value in sorted(alarm.dimensions.items())
        ],
        "Period": alarm.period_s,
        **unit,
        **low,
    }


def history_members(item: AlarmHistory) -> dict[str, Any]:
    return {
        "AlarmName": item.alarm_name,
        "AlarmType": "MetricAlarm",
        "Timestamp": item.at,
        "HistoryItemType": item.kind,
        "HistorySummary": item.summary,
        "HistoryData": item.detail,
    }
