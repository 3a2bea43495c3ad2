"""REST: rankings, downloads and the catalogue of instance types."""

import json
from typing import Any, Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from consoleapp.accounts.errors import ValidationFailed
from recommender import catalog, downloads, queries, scoring
from recommender.api import serializers
from recommender.models import Job, Recommendation

_TAG: Final = ["recommender results"]


@extend_schema(
    summary="The recommendations, ranked by the importance of cost, latency and throughput",
    tags=_TAG,
    parameters=[serializers.Importance],
    responses=serializers.Recommendations,
)
@api_view(["GET"])
def recommendations(request: Request, name: str) -> Response:
    job = queries.job(actor_of(request), name)
    return Response(_results(job, _importance(request)))


@extend_schema(
    summary="The results as a file",
    tags=_TAG,
    parameters=[
        serializers.Importance,
        OpenApiParameter("as", OpenApiTypes.STR, enum=["json", "csv"], description="json or csv"),
    ],
    responses={(200, "application/json"): OpenApiTypes.BINARY, (200, "text/csv"): OpenApiTypes.STR},
)
@api_view(["GET"])
def download(request: Request, name: str) -> HttpResponse:
    job = queries.job(actor_of(request), name)
    wanted = request.query_params.get("as", "json")
    if wanted not in ("json", "csv"):
        raise ValidationFailed("A download is json or csv.", field="as")
    importance = _importance(request)
    if wanted == "csv":
        return _file(downloads.csv_of(_ranked(job, importance)), "text/csv", f"{job.name}.csv")
    whole = serializers.JobDetail(job).data | {"results": _results(job, importance)}
    whole["steps"] = serializers.Step(queries.steps(job), many=True).data
    text = json.dumps(whole, indent=2, default=str)
    return _file(text, "application/json", f"{job.name}.json")


@extend_schema(
    summary="The instance types, with size, price, and whether this machine can measure them",
    tags=_TAG,
    parameters=[OpenApiParameter("search", OpenApiTypes.STR)],
    responses=serializers.InstanceTypeRow(many=True),
)
@api_view(["GET"])
def instance_types(request: Request) -> Response:
    rows = catalog.choices(search=request.query_params.get("search", ""))
    return Response(serializers.InstanceTypeRow(rows, many=True).data)


def _importance(request: Request) -> scoring.Importance:
    given = {name: request.query_params.get(name, "") for name in ("cost", "latency", "throughput")}
    try:
        return scoring.Importance.of(**given)
    except ValueError:
        levels = ", ".join(serializers.LEVELS)
        raise ValidationFailed(f"An importance is one of {levels}.") from None


def _ranked(job: Job, importance: scoring.Importance) -> list[scoring.Ranked[Recommendation]]:
    rows = queries.recommendations(job)
    return scoring.rank(rows, importance, by_hour=queries.has_target(job))


def _results(job: Job, importance: scoring.Importance) -> dict[str, Any]:
    found = {
        "formula": scoring.FORMULA,
        "importance": importance,
        "scale": job.scale,
        "latency_percentile": queries.latency_percentile(job),
        "ranking": _ranked(job, importance),
        "endpoint_performances": queries.endpoint_performances(job),
    }
    return dict(serializers.Recommendations(found).data)


def _file(text: str, content_type: str, filename: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(text, content_type=content_type, headers=headers)
