"""A job's results to download, with the units in the names."""

import csv
from typing import Any, Final

from django.http import HttpResponse, JsonResponse

from consoleapp.accounts.access import AuthedRequest, console_page
from recommender import queries, scoring
from recommender.models import Job
from recommender.scoring import Ranked
from recommender.views.job import importance_of
from recommender.views.tests_shown import shown

_COLUMNS: Final = (
    *("rank", "score", "on_pareto_front", "instance_type", "instance_count", "environment"),
    *("max_invocations_per_minute", "model_latency_us", "cost_per_hour_usd"),
    *("cost_per_inference_usd", "cpu_utilization_percent", "memory_utilization_percent"),
    *("projected", "raw_max_invocations_per_minute_per_instance", "recommendation_id", "note"),
)


@console_page("GET")
def as_json(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.job(request.actor, name)
    body = {
        "job": queries.request_of(found),
        "job_arn": found.arn,
        "status": found.status,
        "failure_reason": found.failure_reason,
        "scale": found.scale,
        "recommendations": _rows(request, found),
        "tests": [_test(shown(step)) for step in queries.steps(found)],
    }
    response = JsonResponse(body, json_dumps_params={"indent": 2})
    return _named(response, f"{name}.json")


@console_page("GET")
def as_csv(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.job(request.actor, name)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    writer = csv.DictWriter(response, _COLUMNS)
    writer.writeheader()
    for row in _rows(request, found):
        pairs = (f"{k}={v}" for k, v in sorted(row["environment"].items()))
        writer.writerow({**row, "environment": " ".join(pairs)})
    return _named(response, f"{name}.csv")


def _rows(request: AuthedRequest, found: Job) -> list[dict[str, Any]]:
    rows = queries.recommendations(found)
    ranked = scoring.rank(rows, importance_of(request), by_hour=queries.has_target(found))
    return [_row(one) for one in ranked]


def _row(one: Ranked[Any]) -> dict[str, Any]:
    row = one.row
    values = (
        *(one.position, one.score, one.on_front, row.instance_type, row.instance_count),
        *(row.environment, row.max_invocations, row.model_latency_us, row.cost_per_hour_usd),
        *(row.cost_per_inference_usd, row.cpu_utilization_percent),
        *(row.memory_utilization_percent, row.projected, row.raw_max_invocations),
        *(row.recommendation_id, (row.step.reading or {}).get("note", "")),
    )
    return dict(zip(_COLUMNS, values, strict=True))


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
