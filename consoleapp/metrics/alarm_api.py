"""REST: alarms, in CloudWatch's member names."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from consoleapp.metrics import alarms
from consoleapp.metrics.alarm_members import history_members, members_of, spec_of
from consoleapp.metrics.alarm_rule import COMPARISONS, TREATMENTS
from consoleapp.metrics.models import Alarm

_MOST_HISTORY = 500


class DimensionMembers(serializers.Serializer[Any]):
    Name = serializers.CharField(max_length=255)
    Value = serializers.CharField(max_length=1024)


class AlarmMembers(serializers.Serializer[Any]):
    AlarmName = serializers.CharField(max_length=255)
    AlarmDescription = serializers.CharField(max_length=1024, required=False, allow_blank=True)
    Namespace = serializers.CharField(max_length=255)
    MetricName = serializers.CharField(max_length=255)
    Dimensions = DimensionMembers(many=True, required=False)
    Statistic = serializers.CharField(required=False, help_text="Average, Sum, Minimum, ...")
    ExtendedStatistic = serializers.CharField(required=False, help_text="A percentile: p99")
    Unit = serializers.CharField(
        max_length=32, required=False, help_text="See only what was recorded in it."
    )
    Period = serializers.IntegerField(min_value=1)
    EvaluationPeriods = serializers.IntegerField(min_value=1)
    DatapointsToAlarm = serializers.IntegerField(min_value=1, required=False)
    Threshold = serializers.FloatField()
    ComparisonOperator = serializers.ChoiceField(choices=tuple(COMPARISONS))
    TreatMissingData = serializers.ChoiceField(choices=TREATMENTS, required=False)


class AlarmAnswer(AlarmMembers):
    AlarmArn = serializers.CharField()
    StateValue = serializers.ChoiceField(choices=Alarm.State.values)
    StateReason = serializers.CharField()
    StateUpdatedTimestamp = serializers.DateTimeField()


class StateMembers(serializers.Serializer[Any]):
    StateValue = serializers.ChoiceField(choices=Alarm.State.values)
    StateReason = serializers.CharField(max_length=1023, allow_blank=True, default="")


class HistoryAnswer(serializers.Serializer[Any]):
    AlarmName = serializers.CharField()
    Timestamp = serializers.DateTimeField()
    HistoryItemType = serializers.CharField()
    HistorySummary = serializers.CharField()
    HistoryData = serializers.DictField()


@extend_schema(
    methods=["GET"],
    summary="List alarms",
    parameters=[OpenApiParameter("prefix", str), OpenApiParameter("state", str)],
    responses=AlarmAnswer(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Create an alarm, or overwrite its configuration",
    request=AlarmMembers,
    responses=AlarmAnswer,
)
@api_view(["GET", "POST"])
def collection(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        given = request.query_params
        found = alarms.alarms(actor, prefix=given.get("prefix", ""), state=given.get("state"))
        return Response([members_of(alarm) for alarm in found])
    wanted = AlarmMembers(data=request.data)
    wanted.is_valid(raise_exception=True)
    members = wanted.validated_data
    put = alarms.put_alarm(actor, name=members["AlarmName"], spec=spec_of(members))
    return Response(members_of(put), status=201)


@extend_schema(methods=["GET"], summary="Describe an alarm", responses=AlarmAnswer)
@extend_schema(methods=["DELETE"], summary="Delete an alarm", responses={204: None})
@api_view(["GET", "DELETE"])
def alarm(request: Request, name: str) -> Response:
    actor = actor_of(request)
    if request.method == "DELETE":
        alarms.delete_alarm(actor, name=name)
        return Response(status=204)
    return Response(members_of(alarms.alarm(actor, name)))


@extend_schema(
    summary="What happened to an alarm, newest first", responses=HistoryAnswer(many=True)
)
@api_view(["GET"])
def history(request: Request, name: str) -> Response:
    found = alarms.history(actor_of(request), name)[:_MOST_HISTORY]
    return Response([history_members(item) for item in found])


@extend_schema(
    summary="Set an alarm's state until its next look", request=StateMembers, responses=AlarmAnswer
)
@api_view(["POST"])
def state(request: Request, name: str) -> Response:
    wanted = StateMembers(data=request.data)
    wanted.is_valid(raise_exception=True)
    put = alarms.set_alarm_state(
        actor_of(request),
        name=name,
        state=wanted.validated_data["StateValue"],
        reason=wanted.validated_data["StateReason"],
    )
    return Response(members_of(put))
