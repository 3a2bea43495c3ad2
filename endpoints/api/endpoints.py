"""REST: endpoint configurations and endpoints, with their events and instances."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from consoleapp.accounts.errors import ValidationFailed
from endpoints import queries, services
from endpoints.api import serializers
from endpoints.api.listing import FILTERS, cleaned, filters, listed
from endpoints.shifting.guards import Guards
from endpoints.specs import VariantSpec, WeightAndCapacity

_CONFIGS: Final = ["endpoint configurations"]
_ENDPOINTS: Final = ["endpoints"]
_MOST_LINES: Final = 500


@extend_schema(
    methods=["GET"],
    summary="List the endpoint configurations, newest first",
    tags=_CONFIGS,
    parameters=FILTERS,
    responses=serializers.ConfigRow(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Create an endpoint configuration",
    tags=_CONFIGS,
    request=serializers.CreateConfig,
    responses={201: serializers.ConfigRow},
)
@api_view(["GET", "POST"])
def configs(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        rows = queries.endpoint_configs(actor, **filters(request))
        return listed(request, rows, serializers.ConfigRow)
    given = cleaned(request, serializers.CreateConfig)
    variants = [VariantSpec(**variant) for variant in given["variants"]]
    capture = given.get("data_capture_config")
    made = services.create_endpoint_config(
        actor,
        name=given["name"],
        variants=variants,
        members={"DataCaptureConfig": capture} if capture else {},
    )
    return Response(serializers.ConfigRow(made).data, status=201)


@extend_schema(
    methods=["GET"],
    summary="Read an endpoint configuration",
    tags=_CONFIGS,
    responses=serializers.ConfigRow,
)
@extend_schema(
    methods=["DELETE"],
    summary="Delete an endpoint configuration; endpoints made from it stay",
    tags=_CONFIGS,
    responses={204: None},
)
@api_view(["GET", "DELETE"])
def config(request: Request, name: str) -> Response:
    actor = actor_of(request)
    if request.method == "DELETE":
        services.delete_endpoint_config(actor, name=name)
        return Response(status=204)
    return Response(serializers.ConfigRow(queries.endpoint_config(actor, name)).data)


@extend_schema(
    methods=["GET"],
    summary="List the endpoints, newest first",
    tags=_ENDPOINTS,
    parameters=[*FILTERS, OpenApiParameter("status", OpenApiTypes.STR)],
    responses=serializers.EndpointRow(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Create an endpoint: answers at once, its status says how far it is",
    tags=_ENDPOINTS,
    request=serializers.CreateEndpoint,
    responses={201: serializers.EndpointDetail},
)
@api_view(["GET", "POST"])
def endpoints(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        rows = queries.endpoints(actor, **filters(request))
        return listed(request, rows, serializers.EndpointRow)
    made = services.create_endpoint(actor, **cleaned(request, serializers.CreateEndpoint))
    return Response(serializers.EndpointDetail(made).data, status=201)


@extend_schema(
    methods=["GET"],
    summary="Read an endpoint with its variants",
    tags=_ENDPOINTS,
    responses=serializers.EndpointDetail,
)
@extend_schema(
    methods=["PATCH"],
    summary="Move an endpoint to another configuration: blue/green or rolling",
    tags=_ENDPOINTS,
    request=serializers.UpdateEndpoint,
    responses=serializers.EndpointDetail,
)
@extend_schema(
    methods=["DELETE"],
    summary="Delete an endpoint: its instances drain and stop",
    tags=_ENDPOINTS,
    responses={204: None},
)
@api_view(["GET", "PATCH", "DELETE"])
def endpoint(request: Request, name: str) -> Response:
    actor = actor_of(request)
    if request.method == "DELETE":
        services.delete_endpoint(actor, name=name)
        return Response(status=204)
    if request.method == "PATCH":
        queries.endpoint(actor, name)
        given = cleaned(request, serializers.UpdateEndpoint)
        if "guards" in given:
            given["guards"] = Guards.restored(given["guards"])
        services.update_endpoint(actor, name=name, **given)
    return Response(serializers.EndpointDetail(queries.endpoint(actor, name)).data)


@extend_schema(
    summary="Change weights and instance counts of variants",
    tags=_ENDPOINTS,
    request=serializers.UpdateWeights,
    responses=serializers.EndpointDetail,
)
@api_view(["POST"])
def weights(request: Request, name: str) -> Response:
    actor = actor_of(request)
    queries.endpoint(actor, name)
    given = cleaned(request, serializers.UpdateWeights)
    desired = [WeightAndCapacity(**item) for item in given["desired"]]
    services.update_weights_and_capacities(actor, name=name, desired=desired)
    return Response(serializers.EndpointDetail(queries.endpoint(actor, name)).data)


@extend_schema(
    summary="What happened to an endpoint, newest first",
    tags=_ENDPOINTS,
    responses=serializers.EventRow(many=True),
)
@api_view(["GET"])
def events(request: Request, name: str) -> Response:
    row = queries.endpoint(actor_of(request), name)
    return listed(request, queries.events(row), serializers.EventRow)


@extend_schema(
    summary="The instances of an endpoint, each with its last log lines",
    tags=_ENDPOINTS,
    parameters=[OpenApiParameter("lines", OpenApiTypes.INT, description="0 to 500, default 20")],
    responses=serializers.InstanceRow(many=True),
)
@api_view(["GET"])
def instances(request: Request, name: str) -> Response:
    row = queries.endpoint(actor_of(request), name)
    context: dict[str, Any] = {"lines": _lines(request)}
    found = serializers.InstanceRow(queries.instances(row), many=True, context=context)
    return Response(found.data)


def _lines(request: Request) -> int:
    text = request.query_params.get("lines", "20")
    # Of three digits at most: Python reads no number of thousands of them.
    if not text.isdecimal() or len(text) > 3 or int(text) > _MOST_LINES:
        raise ValidationFailed(f"lines is a number from 0 to {_MOST_LINES}.", field="lines")
    return int(text)
