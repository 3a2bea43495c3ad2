"""REST: models, and the registry's groups and versions."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from endpoints import queries, services
from endpoints.api import serializers
from endpoints.api.listing import FILTERS, cleaned, filters, listed

_MODELS: Final = ["models"]
_REGISTRY: Final = ["model registry"]
_GROUP: Final = OpenApiParameter("group_name", OpenApiTypes.STR)


@extend_schema(
    methods=["GET"],
    summary="List the team's models, newest first",
    tags=_MODELS,
    parameters=FILTERS,
    responses=serializers.ModelRow(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Create a model",
    tags=_MODELS,
    request=serializers.CreateModel,
    responses={201: serializers.ModelRow},
)
@api_view(["GET", "POST"])
def models(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        rows = queries.models(actor, **filters(request))
        return listed(request, rows, serializers.ModelRow)
    made = services.create_model(actor, **cleaned(request, serializers.CreateModel))
    return Response(serializers.ModelRow(made).data, status=201)


@extend_schema(
    methods=["GET"], summary="Read a model", tags=_MODELS, responses=serializers.ModelRow
)
@extend_schema(methods=["DELETE"], summary="Delete a model", tags=_MODELS, responses={204: None})
@api_view(["GET", "DELETE"])
def model(request: Request, name: str) -> Response:
    actor = actor_of(request)
    if request.method == "DELETE":
        services.delete_model(actor, name=name)
        return Response(status=204)
    return Response(serializers.ModelRow(queries.model(actor, name)).data)


@extend_schema(
    methods=["GET"],
    summary="List the model package groups",
    tags=_REGISTRY,
    parameters=FILTERS,
    responses=serializers.GroupRow(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Create a model package group",
    tags=_REGISTRY,
    request=serializers.CreateGroup,
    responses={201: serializers.GroupRow},
)
@api_view(["GET", "POST"])
def groups(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        return listed(request, queries.groups(actor, **filters(request)), serializers.GroupRow)
    made = services.create_package_group(actor, **cleaned(request, serializers.CreateGroup))
    return Response(serializers.GroupRow(made).data, status=201)


@extend_schema(
    methods=["GET"],
    summary="Read a model package group",
    tags=_REGISTRY,
    responses=serializers.GroupRow,
)
@extend_schema(
    methods=["DELETE"],
    summary="Delete an empty model package group",
    tags=_REGISTRY,
    responses={204: None},
)
@api_view(["GET", "DELETE"])
def group(request: Request, name: str) -> Response:
    actor = actor_of(request)
    if request.method == "DELETE":
        services.delete_package_group(actor, name=name)
        return Response(status=204)
    return Response(serializers.GroupRow(queries.group(actor, name)).data)


@extend_schema(
    methods=["GET"],
    summary="List registered versions, newest first in each group",
    tags=_REGISTRY,
    parameters=[_GROUP],
    responses=serializers.PackageRow(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Register the next version of a group",
    tags=_REGISTRY,
    request=serializers.CreatePackage,
    responses={201: serializers.PackageRow},
)
@api_view(["GET", "POST"])
def packages(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        rows = queries.packages(actor, group_name=request.query_params.get("group_name", ""))
        return listed(request, rows, serializers.PackageRow)
    made = services.create_package(actor, **cleaned(request, serializers.CreatePackage))
    return Response(serializers.PackageRow(made).data, status=201)


@extend_schema(
    methods=["GET"],
    summary="Read a registered version",
    tags=_REGISTRY,
    responses=serializers.PackageRow,
)
@extend_schema(
    methods=["PATCH"],
    summary="Approve or reject a registered version",
    tags=_REGISTRY,
    request=serializers.ApprovePackage,
    responses=serializers.PackageRow,
)
@extend_schema(
    methods=["DELETE"],
    summary="Delete a registered version; models made from it stay",
    tags=_REGISTRY,
    responses={204: None},
)
@api_view(["GET", "PATCH", "DELETE"])
def package(request: Request, group_name: str, version: int) -> Response:
    actor = actor_of(request)
    arn = f"{group_name}/{version}"
    if request.method == "DELETE":
        services.delete_package(actor, arn=arn)
        return Response(status=204)
    if request.method == "PATCH":
        given: dict[str, Any] = cleaned(request, serializers.ApprovePackage)
        services.approve_package(
            actor,
            arn=arn,
            status=given["approval_status"],
            description=given.get("description", ""),
        )
    return Response(serializers.PackageRow(queries.package(actor, arn)).data)
