"""CloudWatch's alarm operations, on the alarms of the metrics app."""

import json
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.aws.paging import page
from consoleapp.metrics import alarms
from consoleapp.metrics.alarm_members import history_members, members_of, spec_of
from consoleapp.metrics.models import AlarmHistory

_NEEDED: Final = ("EvaluationPeriods", "Threshold", "ComparisonOperator")
_OF_A_METRIC: Final = ("MetricName", "Namespace", "Period")
#: What a list of metrics says in its own members.
_NOT_WITH_METRICS: Final = (*_OF_A_METRIC, "Statistic", "ExtendedStatistic", "Dimensions", "Unit")
#: Members that change what an alarm means; taking them and not obeying would be a lie.
_NOT_HERE: Final = (
    *("ThresholdMetricId", "EvaluationWindow", "WarmUpConfiguration"),
    *("EvaluationCriteria", "EvaluationInterval"),
)
_KIND: Final = "MetricAlarm"


class BadAlarm(ValidationFailed):
    """In the word that CloudWatch has for it."""

    code = "ValidationError"


class MissingResource(NotFound):
    code = "ResourceNotFoundException"


def put_metric_alarm(actor: Actor, params: dict[str, Any]) -> None:
    refused = [name for name in _NOT_HERE if name in params]
    if refused:
        raise BadAlarm(f"This console's alarms do not know {', '.join(refused)}.")
    _check_watched(params)
    known = alarms.alarms(actor, names=[params["AlarmName"]]).exists()
    put = alarms.put_alarm(actor, name=params["AlarmName"], spec=spec_of(params))
    if not known:
        # As documented: those of an alarm that is there are changed by TagResource alone.
        tags.add(actor, put.arn, params.get("Tags", ()))


def _check_watched(params: dict[str, Any]) -> None:
    needed = _NEEDED if params.get("Metrics") else (*_OF_A_METRIC, *_NEEDED)
    missing = [name for name in needed if name not in params]
    if missing:
        raise BadAlarm(f"The parameter {missing[0]} is required.")
    if params.get("Metrics"):
        both = [name for name in _NOT_WITH_METRICS if name in params]
        if both:
            raise BadAlarm(f"{both[0]} should not be set if list of Metrics is set.")
    elif ("Statistic" in params) == ("ExtendedStatistic" in params):
        raise BadAlarm("Exactly one of Statistic and ExtendedStatistic must be given.")


def describe_alarms(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    if "AlarmNames" in params and "AlarmNamePrefix" in params:
        raise BadAlarm("AlarmNames and AlarmNamePrefix cannot be used together.")
    found = alarms.alarms(
        actor,
        names=params.get("AlarmNames"),
        prefix=params.get("AlarmNamePrefix", ""),
        state=params.get("StateValue"),
    )
    families = {"ChildrenOfAlarmName", "ParentsOfAlarmName"} & params.keys()
    if families or _KIND not in params.get("AlarmTypes", [_KIND]):
        found = found.none()
    wanted = {**params, "MaxResults": params.get("MaxRecords", 50)}
    return {"CompositeAlarms": [], **page(found, wanted, "MetricAlarms", members_of)}


def describe_alarms_for_metric(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = alarms.alarms(actor).filter(
        namespace=params["Namespace"], metric_name=params["MetricName"]
    )
    dimensions = {each["Name"]: each["Value"] for each in params.get("Dimensions", ())}
    statistic = params.get("ExtendedStatistic") or params.get("Statistic")
    return {
        "MetricAlarms": [
            members_of(alarm)
            for alarm in found
            if alarm.dimensions == dimensions
            and statistic in (None, alarm.statistic)
            and params.get("Period") in (None, alarm.period_s)
            and params.get("Unit") in (None, alarm.unit)
        ]
    }


def describe_alarm_history(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = AlarmHistory.objects.filter(account=actor.account_id, region=actor.region)
    conditions = {
        "alarm_name": params.get("AlarmName"),
        "kind": params.get("HistoryItemType"),
        "at__gte": params.get("StartDate"),
        "at__lte": params.get("EndDate"),
    }
    found = found.filter(**{name: value for name, value in conditions.items() if value})
    if _KIND not in params.get("AlarmTypes", [_KIND]):
        found = found.none()
    oldest_first = params.get("ScanBy") == "TimestampAscending"
    ordered = _by_time(found, oldest_first=oldest_first)
    wanted = {**params, "MaxResults": params.get("MaxRecords", 50)}
    return page(ordered, wanted, "AlarmHistoryItems", _history)


def delete_alarms(actor: Actor, params: dict[str, Any]) -> None:
    """All or none: a name that is not there stops the call, as at CloudWatch."""
    names = params["AlarmNames"]
    known = set(alarms.alarms(actor, names=names).values_list("name", flat=True))
    missing = [name for name in names if name not in known]
    if missing:
        raise NotFound(f"There is no alarm {', '.join(missing)} in this team and region.")
    with transaction.atomic(using="metrics"):
        for name in dict.fromkeys(names):
            alarms.delete_alarm(actor, name=name)


def set_alarm_state(actor: Actor, params: dict[str, Any]) -> None:
    alarms.set_alarm_state(
        actor,
        name=params["AlarmName"],
        state=params["StateValue"],
        reason=params["StateReason"],
    )


def enable_alarm_actions(actor: Actor, params: dict[str, Any]) -> None:
    alarms.switch_actions(actor, names=params["AlarmNames"], enabled=True)


def disable_alarm_actions(actor: Actor, params: dict[str, Any]) -> None:
    alarms.switch_actions(actor, names=params["AlarmNames"], enabled=False)


def tag_resource(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    tags.add(actor, _alarm_arn(actor, params), params["Tags"])
    return {}


def untag_resource(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    tags.remove(actor, _alarm_arn(actor, params), params["TagKeys"])
    return {}


def list_tags_for_resource(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = tags.of(actor, _alarm_arn(actor, params))
    return {"Tags": [{"Key": tag.key, "Value": tag.value} for tag in found]}


def _alarm_arn(actor: Actor, params: dict[str, Any]) -> str:
    arn = str(params["ResourceARN"])
    name = arn.partition(":alarm:")[2]
    found = alarms.alarms(actor, names=[name]).first()
    if found is None or found.arn != arn:
        raise MissingResource(f"The resource {arn} does not exist.")
    return arn


def _by_time(rows: QuerySet[AlarmHistory], *, oldest_first: bool) -> QuerySet[AlarmHistory]:
    return rows.order_by("at", "id") if oldest_first else rows.order_by("-at", "-id")


def _history(item: AlarmHistory) -> dict[str, Any]:
    told = history_members(item)
    return {**told, "HistoryData": json.dumps(told["HistoryData"])[:4095]}
