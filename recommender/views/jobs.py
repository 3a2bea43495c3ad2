"""The job list: what was benchmarked, how it went, what came out, and drafts to go on with."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.models import Role
from recommender import queries, scoring
from recommender.models import Job, Recommendation, WizardDraft
from recommender.statuses import TERMINAL, JobStatus
from recommender.views import drafts
from recommender.views.answers import subject_name
from recommender.views.wizard_steps import first_open

PAGE_SIZE: Final = 20
MOST_DRAFTS: Final = 10
#: Heading, AWS's SortBy (empty: not sorted by), numeric.
COLUMNS: Final = (
    ("Name", "Name", False),
    ("Status", "Status", False),
    ("Job type", "", False),
    ("Model", "", False),
    ("Creation time", "CreationTime", False),
    ("Duration", "", True),
    ("Tests", "", True),
    ("Best result", "", False),
)


@dataclass(frozen=True, slots=True)
class Row:
    job: Job
    best: Recommendation | None
    #: There are results, and none has a price to be ranked by.
    unpriced: bool
    duration_s: float | None

    @property
    def model(self) -> str:
        arn = self.job.model_package_arn
        return " version ".join(arn.split("/")[-2:]) if arn else self.job.model_name


@dataclass(frozen=True, slots=True)
class DraftRow:
    draft: WizardDraft
    model: str
    #: As typed; empty until then.
    name: str
    job_type: str
    #: Where it is gone on with: the first step not yet accepted.
    step: str


@console_page("GET")
def jobs(request: AuthedRequest) -> HttpResponse:
    page = Paginator(_wanted(request), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [_row(job) for job in page]
    revision = _revision(rows)
    context = {**_context(request, page, rows), "revision": revision}
    if request.headers.get("HX-Request") != "true":
        return render(request, "recommender/jobs.html", {**context, **_drafts(request)})
    if request.GET.get("revision") == revision:
        return HttpResponse(status=204)
    status = 200 if any(row.job.status not in TERMINAL for row in rows) else 286
    return render(request, "recommender/_jobs_table.html", context, status=status)


def _wanted(request: AuthedRequest) -> QuerySet[Job]:
    asked = request.GET
    found = queries.jobs(
        request.actor,
        name_contains=asked.get("name", "").strip(),
        status=asked.get("status", ""),
        type=asked.get("type", ""),
        model=asked.get("model", ""),
        sort_by=asked.get("sort") or "CreationTime",
        sort_order="Ascending" if asked.get("order") == "asc" else "Descending",
    )
    # For the best of each job: one query however many jobs.
    return found.prefetch_related("recommendations")


def _context(request: AuthedRequest, page: Page[Job], rows: list[Row]) -> dict[str, Any]:
    asked = request.GET
    kept = {"name", "status", "type", "model"}
    return {
        "page": page,
        "rows": rows,
        "columns": [_column(request, *column) for column in COLUMNS],
        "statuses": [s.value for s in JobStatus if s is not JobStatus.DELETING],
        "types": [kind.value for kind in Job.Type],
        "filtered": any(asked.get(name) for name in kept),
        "asked": asked,
        "may_create": request.actor.may(Role.OPERATOR),
        "live": any(row.job.status not in TERMINAL for row in rows),
    }


def _column(request: AuthedRequest, text: str, sort: str, numeric: bool) -> dict[str, Any]:
    asked = request.GET
    current = (asked.get("sort") or "CreationTime") == sort
    ascending = asked.get("order") == "asc"
    direction = ("ascending" if ascending else "descending") if current and sort else ""
    # A second click turns the order round; names begin with a, times with the newest.
    following = "desc" if (ascending if current else sort == "CreationTime") else "asc"
    return {
        "text": text,
        "sort": sort,
        "numeric": numeric,
        "direction": direction,
        "order": following,
    }


def _row(job: Job) -> Row:
    ranked = scoring.rank(job.recommendations.all(), by_hour=queries.has_target(job))
    best = ranked[0].row if ranked and ranked[0].position else None
    return Row(job, best, bool(ranked) and best is None, duration_s(job, timezone.now()))


def duration_s(job: Job, now: datetime) -> float | None:
    if job.started_at is None:
        return None
    return ((job.completed_at or now) - job.started_at).total_seconds()


def _drafts(request: AuthedRequest) -> dict[str, Any]:
    mine = drafts.listed(request.actor)
    rows = [_draft_row(draft) for draft in mine[:MOST_DRAFTS]]
    return {"drafts": rows, "all_drafts": mine.count() if len(rows) == MOST_DRAFTS else len(rows)}


def _draft_row(draft: WizardDraft) -> DraftRow:
    answers = draft.answers.get("model", {})
    first = {name: values[0] for name, values in answers.items() if values}
    named = subject_name(first)
    model = "" if named == "job" else named
    name = next(iter(draft.answers.get("parameters", {}).get("name", [])), "")
    return DraftRow(draft, model, name, first.get("job_type", ""), first_open(draft).slug)


def _revision(rows: list[Row]) -> str:
    """Changes when anything on the page does; durations of running jobs alone do not count."""
    seen = ",".join(f"{row.job.pk}:{row.job.revision}:{row.job.status}" for row in rows)
    return hashlib.sha256(seen.encode()).hexdigest()[:12]
