"""REST: traffic shifts of an endpoint: start, list, read, pause, resume, roll back."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from endpoints import queries, shifts
from endpoints.api.guards import GuardsOf
from endpoints.api.listing import cleaned, listed
from endpoints.models import Deployment, DeploymentStep, EndpointEvent
from endpoints.shift import Policy, Routing, Size, SizeKind
from endpoints.shifting.guards import Guards

_TAGS: Final = ["traffic shifts"]


class SizeOf(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=[kind.value for kind in SizeKind], default=SizeKind.CAPACITY_PERCENT.value
    )
    value = serializers.IntegerField(min_value=1)


class StartShift(serializers.Serializer[Any]):
    to = serializers.CharField(default="", help_text="The variant that gets all traffic")
    weights = serializers.DictField(
        child=serializers.FloatField(), default=dict, help_text="Or the proportions at the end"
    )
    routing = serializers.ChoiceField(
        choices=[each.value for each in Routing if each is not Routing.ROLLING]
    )
    size = SizeOf(required=False, help_text="Of the canary, or of a linear step")
    wait_s = serializers.IntegerField(default=60, help_text="How long each step bakes")
    termination_wait_s = serializers.IntegerField(default=0)
    timeout_s = serializers.IntegerField(required=False, allow_null=True)
    guards = GuardsOf(required=False)
    remove = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="Variants to remove at the end"
    )


class StepRow(serializers.ModelSerializer[DeploymentStep]):
    class Meta:
        model = DeploymentStep
        fields = (
            *("number", "share", "wait_s", "wait", "status", "activated_at", "ended_at"),
            "samples",
        )


_ROW: Final = (
    *("number", "kind", "status", "reason", "policy", "guards", "from_config", "to_config"),
    *("weights_before", "weights_after", "counts_before", "counts_after", "remove", "deadline_at"),
    *("paused_at", "created_by", "created_at", "ended_at", "steps"),
)


class ShiftRow(serializers.ModelSerializer[Deployment]):
    steps = StepRow(many=True)

    class Meta:
        model = Deployment
        fields = _ROW


class ShiftEvent(serializers.ModelSerializer[EndpointEvent]):
    class Meta:
        model = EndpointEvent
        fields = ("at", "message")


class ShiftDetail(serializers.ModelSerializer[Deployment]):
    steps = StepRow(many=True)
    events = ShiftEvent(many=True)

    class Meta:
        model = Deployment
        fields = (*_ROW, "events")


def policy_of(given: dict[str, Any]) -> Policy:
    size = given.get("size")
    return Policy(
        routing=Routing(given["routing"]),
        size=Size(SizeKind(size["kind"]), size["value"]) if size else None,
        wait_s=given["wait_s"],
        termination_wait_s=given["termination_wait_s"],
        timeout_s=given.get("timeout_s"),
    )


@extend_schema(
    methods=["GET"],
    summary="List the traffic shifts of an endpoint, newest first",
    tags=_TAGS,
    responses=ShiftRow(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Shift weights between variants step by step, guarded",
    tags=_TAGS,
    request=StartShift,
    responses={201: ShiftDetail},
)
@api_view(["GET", "POST"])
def endpoint_shifts(request: Request, name: str) -> Response:
    actor = actor_of(request)
    endpoint = queries.endpoint(actor, name)
    if request.method == "GET":
        return listed(request, shifts.of(endpoint), ShiftRow)
    given = cleaned(request, StartShift)
    made = shifts.start_shift(
        actor,
        endpoint_name=name,
        policy=policy_of(given),
        to=given["to"],
        weights=given["weights"],
        guards=Guards.restored(given["guards"]) if "guards" in given else None,
        remove=given["remove"],
    )
    return Response(ShiftDetail(made).data, status=201)


@extend_schema(
    summary="Read a traffic shift with its steps and events", tags=_TAGS, responses=ShiftDetail
)
@api_view(["GET"])
def shift(request: Request, name: str, number: int) -> Response:
    return Response(ShiftDetail(shifts.found(actor_of(request), name, number)).data)


@extend_schema(
    summary="Hold a traffic shift at the step it is at; its guards go on watching",
    tags=_TAGS,
    request=None,
    responses=ShiftDetail,
)
@api_view(["POST"])
def pause(request: Request, name: str, number: int) -> Response:
    held = shifts.pause(actor_of(request), endpoint_name=name, number=number)
    return Response(ShiftDetail(held).data)


@extend_schema(
    summary="Go on with a paused traffic shift", tags=_TAGS, request=None, responses=ShiftDetail
)
@api_view(["POST"])
def resume(request: Request, name: str, number: int) -> Response:
    going = shifts.resume(actor_of(request), endpoint_name=name, number=number)
    return Response(ShiftDetail(going).data)


@extend_schema(
    summary="Roll a traffic shift back now", tags=_TAGS, request=None, responses=ShiftDetail
)
@api_view(["POST"])
def roll_back(request: Request, name: str, number: int) -> Response:
    back = shifts.roll_back(actor_of(request), endpoint_name=name, number=number)
    return Response(ShiftDetail(back).data)
