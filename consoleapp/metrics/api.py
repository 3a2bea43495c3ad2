"""REST: metrics and logs of the team, read only."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics import logs, queries
from consoleapp.metrics.moments import unix_seconds

_DIMENSION: Final = "dim."
_MOST_POINTS: Final = 11_000
_MOST_EVENTS: Final = 10_000


class SeriesAnswer(serializers.Serializer[Any]):
    namespace = serializers.CharField()
    name = serializers.CharField()
    dimensions = serializers.DictField(child=serializers.CharField())
    unit = serializers.CharField()
    last_second = serializers.IntegerField(help_text="Unix time of the newest sample")


class PointAnswer(serializers.Serializer[Any]):
    second = serializers.IntegerField(help_text="Unix time at which the period begins")
    values = serializers.DictField(
        child=serializers.FloatField(allow_null=True), help_text="By statistic"
    )


class StreamAnswer(serializers.Serializer[Any]):
    group = serializers.CharField()
    name = serializers.CharField()
    created_ms = serializers.IntegerField()
    first_event_ms = serializers.IntegerField(allow_null=True)
    last_event_ms = serializers.IntegerField(allow_null=True)


class EventAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    timestamp_ms = serializers.IntegerField()
    message = serializers.CharField()


def _text(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, required=required)


_NAMESPACE = _text("namespace", "For example AWS/SageMaker")
_NAME = _text("name", "For example ModelLatency")
_DIMENSIONS = _text("dim.EndpointName", "A dimension; any number of dim.<Name>=<value>")
_START = _text("start", "Unix seconds or ISO 8601")
_END = _text("end", "Unix seconds or ISO 8601; not itself included")


@extend_schema(
    summary="List metrics",
    parameters=[_NAMESPACE, _NAME, _DIMENSIONS],
    responses=SeriesAnswer(many=True),
)
@api_view(["GET"])
def metrics(request: Request) -> Response:
    actor, given = actor_of(request), request.query_params
    found = queries.list_series(
        actor.account_id,
        actor.region,
        given.get("namespace"),
        given.get("name"),
        dimensions_in(given),
    )
    return Response([asdict(info) for info in found])


@extend_schema(
    summary="Read a metric",
    description="One point for each period that has samples; the last hour unless told otherwise.",
    parameters=[
        _text("namespace", "For example AWS/SageMaker", required=True),
        _text("name", "For example ModelLatency", required=True),
        _DIMENSIONS,
        _START,
        _END,
        OpenApiParameter("period", int, description="Seconds, 60 unless told otherwise"),
        _text("statistics", "Comma separated: Average,Sum,Minimum,Maximum,SampleCount,p99"),
    ],
    responses=PointAnswer(many=True),
)
@api_view(["GET"])
def data(request: Request) -> Response:
    actor, given = actor_of(request), request.query_params
    asked = Range.of(given)
    points = queries.points(
        actor.account_id,
        actor.region,
        _needed(given, "namespace"),
        _needed(given, "name"),
        dimensions_in(given),
        asked.start,
        asked.end,
        asked.period_s,
        [part for part in given.get("statistics", "Average").split(",") if part],
    )
    return Response([asdict(point) for point in points])


@extend_schema(
    summary="List log streams",
    parameters=[_text("group_prefix", "The beginning of the group's name")],
    responses=StreamAnswer(many=True),
)
@api_view(["GET"])
def streams(request: Request) -> Response:
    actor = actor_of(request)
    prefix = request.query_params.get("group_prefix", "")
    return Response([asdict(s) for s in logs.streams(actor.account_id, actor.region, prefix)])


@extend_schema(
    summary="Read a log stream",
    description="Oldest first. With after_id: what came since, in the order of arrival.",
    parameters=[
        _text("group", "", required=True),
        _text("stream", "", required=True),
        _START,
        _END,
        OpenApiParameter("after_id", int),
        OpenApiParameter("limit", int, description=f"1000 unless told, {_MOST_EVENTS} at most"),
    ],
    responses=EventAnswer(many=True),
)
@api_view(["GET"])
def events(request: Request) -> Response:
    actor, given = actor_of(request), request.query_params
    found = logs.events(
        actor.account_id,
        actor.region,
        _needed(given, "group"),
        _needed(given, "stream"),
        start_ms=_milliseconds(given, "start"),
        end_ms=_milliseconds(given, "end"),
        limit=whole(given, "limit", default=1_000, most=_MOST_EVENTS),
        after_id=whole(given, "after_id", default=0, most=2**62) or None,
    )
    return Response([asdict(event) for event in found])


@dataclass(frozen=True, slots=True)
class Range:
    """A span of time cut into periods, as a query asks for it."""

    start: int
    end: int
    period_s: int

    @classmethod
    def of(cls, given: QueryDict) -> Self:
        """Raises ValidationFailed for one that is upside down or has too many points."""
        end = _seconds(given, "end", time.time())
        start = _seconds(given, "start", end - 3_600)
        period_s = whole(given, "period", default=60, most=86_400)
        if start >= end or period_s < 1:
            raise ValidationFailed("The start must lie before the end.", field="start")
        if (end - start) / period_s > _MOST_POINTS:
            raise ValidationFailed(
                f"That would be more than {_MOST_POINTS} points: ask for a longer period.",
                field="period",
            )
        return cls(start, end, period_s)


def dimensions_in(given: QueryDict) -> Mapping[str, str]:
    return {
        key.removeprefix(_DIMENSION): value
        for key, value in given.items()
        if isinstance(value, str) and key.startswith(_DIMENSION)
    }


def whole(given: QueryDict, name: str, *, default: int, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    # Python reads no number of thousands of digits.
    if not text.isdecimal() or len(text) > len(str(most)) or int(text) > most:
        raise ValidationFailed(f"{name} must be a whole number up to {most}.", field=name)
    return int(text)


def _seconds(given: QueryDict, name: str, default: float) -> int:
    text = given.get(name)
    return int(unix_seconds(text, field=name) if text else default)


def _milliseconds(given: QueryDict, name: str) -> int | None:
    text = given.get(name)
    return int(unix_seconds(text, field=name) * 1000) if text else None


def _needed(given: QueryDict, name: str) -> str:
    text = given.get(name)
    if not text:
        raise ValidationFailed(f"{name} is needed.", field=name)
    return text
