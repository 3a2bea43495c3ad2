"""Pages that browse what is measured and what was logged."""

import time
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.metrics import charts, queries
from consoleapp.metrics import logs as log_store
from consoleapp.metrics.api import dimensions_in
from consoleapp.metrics.forms import STATISTICS

_PAGE_SIZE: Final = 30
_LINES_SHOWN: Final = 1_000
_LONGEST_ID: Final = 19
#: Span -> the period that draws it with a few hundred points.
SPANS: Final = {"15m": (900, 5), "1h": (3_600, 10), "3h": (10_800, 60), "1d": (86_400, 300)}


@console_page("GET")
def browse(request: AuthedRequest) -> HttpResponse:
    """The list of metrics; with one chosen, its chart."""
    asked, actor = request.GET, request.actor
    words = asked.get("text", "").lower().split()
    found = [
        info
        for info in queries.list_series(actor.account_id, actor.region)
        if all(word in _searched(info) for word in words)
    ]
    page = Paginator(found, _PAGE_SIZE).get_page(asked.get("page"))
    chosen = {"namespace", "name"} <= asked.keys()
    context = {
        "page": page,
        "rows": [_row(info) for info in page],
        "asked": asked,
        "filtered": bool(words),
        "chosen": chosen,
        "chart_query": asked.urlencode() if chosen else "",
        "dimensions": dimensions_in(asked),
        "statistics": STATISTICS,
        "spans": SPANS,
    }
    return render(request, "metrics/browse.html", context)


@console_page("GET")
def chart(request: AuthedRequest) -> HttpResponse:
    asked, actor = request.GET, request.actor
    statistic = asked.get("statistic") or "Average"
    span_s, period_s = SPANS.get(asked.get("span", ""), SPANS["1h"])
    name, end = asked.get("name", ""), int(time.time())
    series = (
        actor.account_id,
        actor.region,
        asked.get("namespace", ""),
        name,
        dimensions_in(asked),
    )
    try:
        points = queries.points(*series, end - span_s, end, period_s, (statistic,))
    except ValidationFailed as error:
        return JsonResponse({"message": error.message}, status=400)
    known = queries.find_series(*series)
    unit = known.unit if known is not None and known.unit != "None" else ""
    line = charts.line_of(f"{name} {statistic}", points, statistic)
    return JsonResponse(charts.lines([line], period_s=period_s, unit=unit, live=True))


@console_page("GET")
def logs(request: AuthedRequest) -> HttpResponse:
    asked, actor = request.GET, request.actor
    words = asked.get("text", "").lower().split()
    found = [
        stream
        for stream in log_store.streams(actor.account_id, actor.region)
        if all(word in f"{stream.group} {stream.name}".lower() for word in words)
    ]
    found.sort(key=lambda stream: -(stream.last_event_ms or stream.created_ms))
    page = Paginator(found, _PAGE_SIZE).get_page(asked.get("page"))
    rows = [_stream_row(stream) for stream in page]
    context = {"page": page, "rows": rows, "asked": asked, "filtered": bool(words)}
    return render(request, "metrics/logs.html", context)


@console_page("GET")
def log_stream(request: AuthedRequest) -> HttpResponse:
    """The last lines of a stream; asked with `after`, those that came since, to be added."""
    asked, actor = request.GET, request.actor
    where = (actor.account_id, actor.region, asked.get("group", ""), asked.get("stream", ""))
    if not log_store.exists(*where):
        raise NotFound("There is no such log stream in this team and region.")
    after = asked.get("after", "")
    # Python reads no number of thousands of digits.
    fragment = after.isdecimal() and len(after) <= _LONGEST_ID
    if fragment:
        found = log_store.events(*where, after_id=int(after), limit=_LINES_SHOWN)
        if not found:
            return HttpResponse(status=204)
    else:
        found = log_store.newest(*where, limit=_LINES_SHOWN)
    context = {
        "group": where[2],
        "stream": where[3],
        "events": found,
        "following": _stream_url(where[2], where[3], after=found[-1].id if found else 0),
        "most": _LINES_SHOWN,
    }
    return render(request, f"metrics/{'_log_lines' if fragment else 'log_stream'}.html", context)


def _searched(info: queries.SeriesInfo) -> str:
    dimensions = " ".join(f"{name}={value}" for name, value in info.dimensions.items())
    return f"{info.namespace} {info.name} {dimensions}".lower()


def _row(info: queries.SeriesInfo) -> dict[str, Any]:
    dimensions = sorted(info.dimensions.items())
    query = [("namespace", info.namespace), ("name", info.name)]
    query += [(f"dim.{name}", value) for name, value in dimensions]
    return {
        "info": info,
        "dimensions": ", ".join(f"{name}={value}" for name, value in dimensions),
        "query": urlencode(query),
    }


def _stream_row(stream: log_store.Stream) -> dict[str, Any]:
    last = stream.last_event_ms
    return {
        "stream": stream,
        "url": _stream_url(stream.group, stream.name),
        "last": None if last is None else _moment(last),
    }


def _stream_url(group: str, stream: str, **more: int) -> str:
    return (
        f"{reverse('metrics:log-stream')}?{urlencode({'group': group, 'stream': stream, **more})}"
    )


def _moment(timestamp_ms: int) -> datetime:
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
