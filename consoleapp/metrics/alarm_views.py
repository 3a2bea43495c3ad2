"""Pages of alarms: list, create and edit, detail with history and chart."""

import time
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Role
from consoleapp.metrics import alarm_metrics, alarms, charts, queries
from consoleapp.metrics.alarm_rule import WORDS
from consoleapp.metrics.alarms import AlarmSpec
from consoleapp.metrics.api import dimensions_in
from consoleapp.metrics.forms import AlarmForm, initial_of, key_of
from consoleapp.metrics.models import Alarm

_PAGE_SIZE: Final = 20
_HISTORY_SHOWN: Final = 50
_RANGES_SHOWN: Final = 12
_LEAST_SHOWN_S: Final = 1_800
_MOST_SERIES: Final = 500


@console_page("GET")
def index(request: AuthedRequest) -> HttpResponse:
    asked = request.GET
    found = alarms.alarms(request.actor, state=asked.get("state"))
    if asked.get("name"):
        found = found.filter(name__icontains=asked["name"])
    page = Paginator(found, _PAGE_SIZE).get_page(asked.get("page"))
    revision = ",".join(map(_revision, page))
    if asked.get("revision") == revision:
        return HttpResponse(status=204)
    context = {
        "page": page,
        "rows": [{"alarm": alarm, "condition": condition_of(alarm)} for alarm in page],
        "states": Alarm.State.values,
        "asked": asked,
        "filtered": bool(asked.get("name") or asked.get("state")),
        "may_change": request.actor.may(Role.OPERATOR),
        "revision": revision,
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, f"metrics/{'_alarms_table' if fragment else 'alarms'}.html", context)


@console_page("GET")
def detail(request: AuthedRequest, name: str) -> HttpResponse:
    alarm = alarms.alarm(request.actor, name)
    revision = _revision(alarm)
    if request.GET.get("revision") == revision:
        return HttpResponse(status=204)
    context = {
        "alarm": alarm,
        "revision": revision,
        "details": _details(alarm),
        "history": alarms.history(request.actor, name)[:_HISTORY_SHOWN],
        "may_change": request.actor.may(Role.OPERATOR),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, f"metrics/{'_alarm' if fragment else 'alarm'}.html", context)


@console_page("GET", "POST", role=Role.OPERATOR)
def create(request: AuthedRequest) -> HttpResponse:
    return _edit(request, initial=_asked_metric(request), title="Create alarm")


@console_page("GET", "POST", role=Role.OPERATOR)
def edit(request: AuthedRequest, name: str) -> HttpResponse:
    alarm = alarms.alarm(request.actor, name)
    if alarm.metrics:
        messages.error(request, "An alarm on an expression is changed by PutMetricAlarm.")
        return redirect("metrics:alarm", name)
    return _edit(request, initial=initial_of(alarm), title=f"Edit {name}", alarm=alarm)


@console_page("POST", role=Role.OPERATOR)
def delete(request: AuthedRequest, name: str) -> HttpResponse:
    if request.POST.get("confirm") != "delete":
        messages.error(request, "The alarm was not deleted: type delete to confirm.")
        return redirect("metrics:alarm", name)
    alarms.delete_alarm(request.actor, name=name)
    messages.success(request, f"Deleted alarm {name}.")
    return redirect("metrics:alarms")


@console_page("GET")
def chart(request: AuthedRequest, name: str) -> HttpResponse:
    alarm = alarms.alarm(request.actor, name)
    spec = AlarmSpec(**{field: getattr(alarm, field) for field in AlarmSpec.__slots__})
    return JsonResponse(_figure(request, spec))


def _edit(
    request: AuthedRequest, *, initial: dict[str, Any], title: str, alarm: Alarm | None = None
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = AlarmForm(posted, series=_series(request, alarm), initial=initial)
    if alarm is not None:
        form.fields["name"].disabled = True
    if form.is_valid():
        try:
            name, spec = form.cleaned_data["name"], form.spec(alarm)
            put = alarms.put_alarm(request.actor, name=name, spec=spec)
        except CallerError as error:
            form.refuse(error)
        else:
            messages.success(request, f"Saved alarm {put.name}.")
            return redirect("metrics:alarm", put.name)
    context = {"form": form, "title": title, "alarm": alarm}
    return render(request, "metrics/alarm_form.html", context, status=422 if form.errors else 200)


def _series(request: AuthedRequest, alarm: Alarm | None) -> list[queries.SeriesInfo]:
    actor = request.actor
    found = queries.list_series(actor.account_id, actor.region)
    newest = sorted(found, key=lambda info: -info.last_second)[:_MOST_SERIES]
    if alarm is not None and key_of(alarm.namespace, alarm.metric_name, alarm.dimensions) not in {
        key_of(s.namespace, s.name, s.dimensions) for s in newest
    }:
        own = (alarm.namespace, alarm.metric_name, alarm.dimensions, "None", 0)
        newest.append(queries.SeriesInfo(*own))
    return sorted(newest, key=lambda info: (info.name, sorted(info.dimensions.items())))


def _asked_metric(request: AuthedRequest) -> dict[str, Any]:
    """An endpoint's page links here with its metric in the query."""
    asked, dimensions = request.GET, dimensions_in(request.GET)
    if not asked.get("namespace") or not asked.get("name"):
        return {}
    return {
        "metric": key_of(asked["namespace"], asked["name"], dimensions),
        "namespace": asked["namespace"],
        "metric_name": asked["name"],
        "dimensions": "\n".join(f"{name}={value}" for name, value in dimensions.items()),
        "statistic": asked.get("statistic", "Average"),
    }


def _figure(request: AuthedRequest, spec: AlarmSpec) -> charts.Figure:
    end = int(time.time())
    shown_s = max(_LEAST_SHOWN_S, _RANGES_SHOWN * spec.period_s * spec.evaluation_periods)
    line = _line((request.actor.account_id, request.actor.region), spec, end - shown_s, end)
    unit = unit_of(request, spec)
    return charts.lines(
        [line], period_s=spec.period_s, unit=unit, threshold=spec.threshold, live=True
    )


def _line(owner: tuple[str, str], spec: AlarmSpec, start: int, end: int) -> charts.Line:
    if spec.metrics:
        found = alarm_metrics.points(owner, spec.metrics, start, end)
        return charts.Line(alarm_metrics.label_of(spec.metrics), sorted(found.items()))
    series = (*owner, spec.namespace, spec.metric_name, spec.dimensions)
    wanted = (spec.statistic,)
    points = queries.points(*series, start, end, spec.period_s, wanted, unit=spec.unit)
    return charts.line_of(f"{spec.metric_name} {spec.statistic}", points, spec.statistic)


def unit_of(request: AuthedRequest, spec: AlarmSpec) -> str:
    actor = request.actor
    where = (actor.account_id, actor.region, spec.namespace, spec.metric_name, spec.dimensions)
    series = queries.find_series(*where)
    return series.unit if series is not None and series.unit != "None" else ""


def condition_of(alarm: Alarm) -> str:
    """ModelLatency p99 greater than 50000 for 2 of 3 datapoints of 10 s."""
    watched = f"{alarm.metric_name} {alarm.statistic}"
    if alarm.metrics:
        watched = alarm_metrics.label_of(alarm.metrics)
    return (
        f"{watched} {WORDS[alarm.comparison_operator]}"
        f" {alarm.threshold:g} for {alarm.datapoints_to_alarm} of {alarm.evaluation_periods}"
        f" datapoints of {alarm.period_s} s"
    )


def _revision(alarm: Alarm) -> str:
    """Changes with everything a page shows of an alarm."""
    return f"{alarm.pk}:{alarm.state_since.timestamp()}:{alarm.configured_at.timestamp()}"


def _details(alarm: Alarm) -> list[dict[str, Any]]:
    dimensions = ", ".join(f"{name}={value}" for name, value in sorted(alarm.dimensions.items()))
    metric = [
        {"label": "Namespace", "value": alarm.namespace},
        {"label": "Metric name", "value": alarm.metric_name},
        {"label": "Dimensions", "value": dimensions},
        *([{"label": "Unit", "value": alarm.unit}] if alarm.unit else []),
    ]
    return [
        {"label": "Condition", "value": condition_of(alarm)},
        *([_expression(alarm)] if alarm.metrics else metric),
        {"label": "Missing data", "value": f"treated as {alarm.treat_missing_data}"},
        {"label": "Description", "value": alarm.description},
        {"label": "ARN", "value": alarm.arn, "copy": True},
    ]


def _expression(alarm: Alarm) -> dict[str, Any]:
    """rate = errors / calls; errors = Sum of Errors; calls = Sum of Calls."""
    told = [
        f"{query['Id']} = {query.get('Expression') or _metric_of(query['MetricStat'])}"
        for query in alarm.metrics
    ]
    return {"label": "Metrics", "value": "; ".join(told)}


def _metric_of(stat: Mapping[str, Any]) -> str:
    metric = stat["Metric"]
    told = f"{stat['Stat']} of {metric.get('Namespace')} {metric.get('MetricName')}"
    of = ", ".join(f"{each['Name']}={each['Value']}" for each in metric.get("Dimensions", ()))
    return f"{told} ({of})" if of else told
