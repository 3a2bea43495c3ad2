"""The job page and the fragments it keeps fresh: progress, recommendations, one test at a time."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from consoleapp.accounts.access import AuthedRequest, console_page, shown_address
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from consoleapp.accounts.models import Role
from recommender import catalog, queries, scoring
from recommender.charts import PERCENTILES, latency_percentiles
from recommender.models import Job, JobStep
from recommender.scoring import FORMULA, Importance, Level
from recommender.statuses import TERMINAL, JobStatus
from recommender.views.job_settings import settings_pairs, traffic_pairs
from recommender.views.tests_shown import in_short, measured_pairs, result_pairs, shown

_GOALS = ("cost", "latency", "throughput")


@console_page("GET")
def job(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.job(request.actor, name)
    steps = queries.steps(found)
    context = {
        "job": found,
        "failure": in_short(found.failure_reason),
        "settings": settings_pairs(found),
        "traffic": traffic_pairs(found),
        "events": queries.events(found),
        "performances": queries.endpoint_performances(found),
        **_permissions(request.actor, found),
        **_progress(found, steps),
        **_recommendations(request, found),
        **_test(request, found, steps),
    }
    return render(request, "recommender/job.html", context)


@console_page("GET")
def progress(request: AuthedRequest, name: str) -> HttpResponse:
    """204 while nothing changed; 286 and the whole page anew once the job is over."""
    found = queries.job(request.actor, name)
    if found.status in TERMINAL:
        context = _progress(found, queries.steps(found))
        response = render(request, "recommender/_progress.html", context, status=286)
        response["HX-Refresh"] = "true"
        return response
    if request.GET.get("revision") == str(found.revision):
        return HttpResponse(status=204)
    context = _progress(found, queries.steps(found))
    response = render(request, "recommender/_progress.html", context)
    # Which other parts of the page must follow: only those whose tests moved on.
    if request.GET.get("phases") != context["phases"]:
        response["HX-Trigger"] = json.dumps({"test-changed": True, "results-changed": True})
    return response


@console_page("GET")
def recommendations(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.job(request.actor, name)
    response = render(
        request, "recommender/_recommendations.html", _recommendations(request, found)
    )
    # The chosen importance belongs to the page's address: reload and share keep it.
    response["HX-Replace-Url"] = _page_address(request, name)
    return response


@console_page("GET")
def test(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.job(request.actor, name)
    context = _test(request, found, queries.steps(found))
    return render(request, "recommender/_test.html", context)


def _page_address(request: AuthedRequest, name: str) -> str:
    shown_now = QueryDict(shown_address(request).query)
    kept = {"test": shown_now["test"]} if "test" in shown_now else {}
    chosen = {goal: request.GET.get(goal, "") for goal in _GOALS}
    kept |= {goal: level for goal, level in chosen.items() if level not in ("", Level.MODERATE)}
    page = reverse("recommender:job", args=[name])
    return f"{page}?{urlencode(kept)}" if kept else page


def importance_of(request: AuthedRequest) -> Importance:
    try:
        return Importance.of(*(request.GET.get(goal, "") for goal in _GOALS))
    except ValueError:
        raise NotFound("There is no such importance.") from None


def _permissions(actor: Actor, found: Job) -> dict[str, Any]:
    operator = actor.may(Role.OPERATOR)
    over = found.status in TERMINAL
    stoppable = found.status in (JobStatus.PENDING, JobStatus.IN_PROGRESS)
    return {
        "may_clone": operator,
        "may_stop": operator and stoppable,
        "may_delete": operator and over,
    }


def _progress(found: Job, steps: list[JobStep]) -> dict[str, Any]:
    return {
        "job": found,
        "tests": [shown(step) for step in steps],
        "percentile": queries.latency_percentile(found),
        "finished": sum(step.status in TERMINAL for step in steps),
        "over": found.status in TERMINAL,
        "phases": ",".join(f"{step.phase}{step.attempt}" for step in steps),
    }


def _recommendations(request: AuthedRequest, found: Job) -> dict[str, Any]:
    importance, by_hour = importance_of(request), queries.has_target(found)
    ranked = scoring.rank(queries.recommendations(found), importance, by_hour=by_hour)
    granted = {one.row.pk: one.row.step.measured.get("cpu_granted") or 0.0 for one in ranked}
    goals = [(goal, goal.capitalize(), getattr(importance, goal).value) for goal in _GOALS]
    return {
        "job": found,
        "over": found.status in TERMINAL,
        "may_deploy": request.actor.may(Role.OPERATOR),
        "ranked": ranked,
        "percentile": queries.latency_percentile(found),
        "best": ranked[0] if ranked and ranked[0].position else None,
        "goals": goals,
        "levels": [level.value for level in Level],
        "formula": FORMULA,
        "importance_query": "&".join(f"{goal}={value}" for goal, _, value in goals),
        "projected": any(one.row.projected for one in ranked),
        "granted": {pk: _cores(cores) for pk, cores in granted.items()},
        "part_of_a_core": any(0 < cores < 1 for cores in granted.values()),
        "notes": {one.row.pk: (one.row.step.reading or {}).get("note") for one in ranked},
    }


def _cores(granted: float) -> str:
    return f"{granted:.3g} core{'s'[: granted != 1]}" if granted else ""


def _test(request: AuthedRequest, found: Job, steps: list[JobStep]) -> dict[str, Any]:
    tests = [shown(step) for step in steps]
    asked = request.GET.get("test", "")
    wanted = next((t for t in tests if str(t.step.ordinal) == asked), None)
    chosen = wanted or _of_interest(tests)
    # Without a choice of theirs, people see the test that runs now, one after the other.
    watched = not wanted.is_over if wanted else found.status not in TERMINAL
    context: dict[str, Any] = {
        "job": found,
        "tests": tests,
        "chosen": chosen,
        "watched": watched,
        "asked_test": wanted.step.ordinal if wanted else None,
    }
    if chosen is not None:
        source = chosen.step.source
        context |= {
            "result": result_pairs(chosen),
            "measured": measured_pairs(chosen.step),
            "charts": _charts(found) if source.traffic_started_at else (),
            "live": not chosen.is_over,
            "price": _price(chosen.step),
        }
    return context


def _of_interest(tests: list[Any]) -> Any:
    """The running test, else the first one."""
    running = (t for t in tests if t.step.status == JobStatus.IN_PROGRESS)
    return next(running, tests[0] if tests else None)


def _price(step: JobStep) -> float | None:
    known = step.instance_type and catalog.is_known(step.instance_type)
    return catalog.price_of(step.instance_type) if known else None


def _charts(found: Job) -> tuple[tuple[str, str, str], ...]:
    read = latency_percentiles(queries.latency_percentile(found))
    return (
        ("invocations", "Invocations", "Per minute, with the users overlaid"),
        ("latency", "ModelLatency", f"{_listed(read)}, milliseconds"),
        ("overhead", "OverheadLatency", f"{_listed(PERCENTILES)}, milliseconds"),
        ("errors", "Errors", "Per minute, by kind"),
        ("cpu", "CPUUtilization", "Percent, 100 for each vCPU of the type"),
        ("memory", "MemoryUtilization", "Percent of what was granted"),
    )


def _listed(percentiles: tuple[str, ...]) -> str:
    return f"{', '.join(percentiles[:-1])} and {percentiles[-1]}"
