"""REST: create, list, read, stop, clone and delete jobs, and read their tests."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from consoleapp.accounts.errors import ValidationFailed
from endpoints.api.listing import FILTERS, cleaned, filters, listed
from recommender import estimate as estimates
from recommender import queries, services
from recommender.api import serializers
from recommender.rules import shape
from recommender.validation import normalised

_TAG = ["recommender jobs"]
_OWN_FILTERS = ("type", "model")


@extend_schema(
    methods=["GET"],
    summary="List the team's jobs, newest first",
    tags=_TAG,
    parameters=[
        *FILTERS,
        *(OpenApiParameter(name, OpenApiTypes.STR) for name in ("status", *_OWN_FILTERS)),
    ],
    responses=serializers.JobSummary(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Create a job",
    tags=_TAG,
    request=serializers.CreateJob,
    responses={201: serializers.JobDetail},
)
@api_view(["GET", "POST"])
def jobs(request: Request) -> Response:
    if request.method == "POST":
        return _create(request)
    own = {name: request.query_params.get(name, "") for name in _OWN_FILTERS}
    rows = queries.jobs(actor_of(request), **filters(request), **own)
    return listed(request, rows, serializers.JobSummary)


@extend_schema(
    methods=["GET"],
    summary="Read a job",
    tags=_TAG,
    responses=serializers.JobDetail,
)
@extend_schema(
    methods=["DELETE"],
    summary="Delete a finished job (its logs stay)",
    tags=_TAG,
    responses={204: None},
)
@api_view(["GET", "DELETE"])
def job(request: Request, name: str) -> Response:
    actor = actor_of(request)
    if request.method == "DELETE":
        services.delete_job(actor, name=name)
        return Response(status=204)
    return Response(serializers.JobDetail(queries.job(actor, name)).data)


@extend_schema(
    summary="Stop a job: traffic ends at once, finished tests keep their results",
    tags=_TAG,
    request=None,
    responses=serializers.JobDetail,
)
@api_view(["POST"])
def stop(request: Request, name: str) -> Response:
    row = services.stop_job(actor_of(request), name=name)
    return Response(serializers.JobDetail(row).data)


@extend_schema(
    summary="Start a new job with the same request",
    tags=_TAG,
    request=serializers.CloneJob,
    responses={201: serializers.JobDetail},
)
@api_view(["POST"])
def clone(request: Request, name: str) -> Response:
    new_name = cleaned(request, serializers.CloneJob)["name"]
    row = services.clone_job(actor_of(request), name=name, new_name=new_name)
    return Response(serializers.JobDetail(row).data, status=201)


@extend_schema(
    summary="The tests of a job, live while they run",
    tags=_TAG,
    responses=serializers.Step(many=True),
)
@api_view(["GET"])
def steps(request: Request, name: str) -> Response:
    row = queries.job(actor_of(request), name)
    return Response(serializers.Step(queries.steps(row), many=True).data)


@extend_schema(
    summary="One test of a job",
    tags=_TAG,
    responses=serializers.Step,
)
@api_view(["GET"])
def step(request: Request, name: str, ordinal: int) -> Response:
    row = queries.job(actor_of(request), name)
    return Response(serializers.Step(queries.step(row, ordinal)).data)


@extend_schema(
    summary="What a job would take: tests, time at most, cost at AWS",
    tags=_TAG,
    request=serializers.CreateJob,
    responses=serializers.EstimateRow,
)
@api_view(["POST"])
def estimate(request: Request) -> Response:
    """For a request that need not be complete yet."""
    members = _members(request)
    members.pop("options", None)
    services.refuse(shape.problems_of_given(normalised(members)))
    found = estimates.estimate(actor_of(request), members)
    return Response(serializers.EstimateRow(found).data)


def _create(request: Request) -> Response:
    members = _members(request)
    options = members.pop("options", None) or {}
    if not isinstance(options, dict):
        raise ValidationFailed("options must be an object.", field="options")
    row = services.create_from_request(actor_of(request), members, options)
    return Response(serializers.JobDetail(row).data, status=201)


def _members(request: Request) -> dict[str, object]:
    if not isinstance(request.data, dict):
        raise ValidationFailed("The body must be a JSON object.")
    return dict(request.data)
