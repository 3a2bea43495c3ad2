"""A job's results to download, with the units in the names."""

from typing import Any

from django.http import HttpResponse, JsonResponse

from consoleapp.accounts.access import AuthedRequest, console_page
from recommender import downloads, queries, scoring
from recommender.models import Job, Recommendation
from recommender.scoring import Ranked
from recommender.views.job import importance_of
from recommender.views.tests_shown import shown


@console_page("GET")
def as_json(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.job(request.actor, name)
    body = {
        "job": queries.request_of(found),
        "job_arn": found.arn,
        "status": found.status,
        "failure_reason": found.failure_reason,
        "scale": found.scale,
        "recommendations": [downloads.row_of(one) for one in _ranked(request, found)],
        "tests": [_test(shown(step)) for step in queries.steps(found)],
    }
    response = JsonResponse(body, json_dumps_params={"indent": 2})
    return _named(response, f"{name}.json")


@console_page("GET")
def as_csv(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.job(request.actor, name)
    text = downloads.csv_of(_ranked(request, found))
    return _named(HttpResponse(text, content_type="text/csv; charset=utf-8"), f"{name}.csv")


def _ranked(request: AuthedRequest, found: Job) -> list[Ranked[Recommendation]]:
    rows = queries.recommendations(found)
    return scoring.rank(rows, importance_of(request), by_hour=queries.has_target(found))


def _test(one: Any) -> dict[str, Any]:
    step = one.step
    return {
        "test": step.ordinal,
        "instance_type": step.instance_type,
        "environment": step.environment,
        "endpoint_name": one.step.source.endpoint_name,
        "status": step.status,
        "stop_reason": step.stop_reason,
        "stop_detail": step.stop_detail,
        "reading": step.reading,
        "measured": step.measured,
        "invalid_reason": step.invalid_reason,
        "failure_reason": step.failure_reason,
    }


def _named(response: HttpResponse, filename: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
