"""The logs of a job: its own streams, and those of the instances it benchmarked."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.metrics import logs
from recommender import joblog, queries
from recommender.models import Job
from recommender.statuses import TERMINAL

_PAGE: Final = 500
_LONGEST_ID: Final = 19


@dataclass(frozen=True, slots=True)
class Stream:
    """`label` is the short name; `key` names it in the page's address."""

    group: str
    name: str
    label: str

    @property
    def key(self) -> str:
        return f"{self.group}:{self.name}"


@console_page("GET")
def page(request: AuthedRequest, name: str) -> HttpResponse:
    job = queries.job(request.actor, name)
    return render(request, "recommender/logs.html", _context(request, job))


@console_page("GET")
def lines(request: AuthedRequest, name: str) -> HttpResponse:
    """What came since: 204 for nothing new, 286 once nothing more will come."""
    job = queries.job(request.actor, name)
    context = _context(request, job)
    if context["over"] and not context["events"]:
        return HttpResponse(status=286)
    if not context["events"]:
        return HttpResponse(status=204)
    return render(request, "recommender/_log_lines.html", context)


def streams_of(job: Job) -> list[Stream]:
    """Only this job's: a name in the address opens no other stream."""
    account, region = job.team.account_id, job.region
    found = [
        Stream(one.group, one.name, one.name.removeprefix(f"{job.name}/"))
        for one in logs.streams(account, region, joblog.GROUP)
        if one.group == joblog.GROUP and one.name.startswith(f"{job.name}/")
    ]
    endpoints = {step.endpoint_name for step in job.steps.all() if step.endpoint_name}
    for endpoint in sorted(endpoints):
        group = f"{joblog.ENDPOINTS_GROUP}/{endpoint}"
        named = [s for s in logs.streams(account, region, group) if s.group == group]
        # An instance's name repeats account, region and endpoint; here they are known.
        known = f"{account}-{region}-{endpoint}-"
        found += [
            Stream(s.group, s.name, f"{endpoint}: {s.name.replace(known, '')}") for s in named
        ]
    # The execution stream tells the story; it comes first.
    return sorted(found, key=lambda s: (s.label != "execution", s.group != joblog.GROUP, s.label))


def _context(request: AuthedRequest, job: Job) -> dict[str, Any]:
    streams = streams_of(job)
    asked = request.GET.get("stream", "")
    chosen = next((s for s in streams if s.key == asked), streams[0] if streams else None)
    after = request.GET.get("after", "")
    # Python reads no number of thousands of digits.
    place = int(after) if after.isdecimal() and len(after) <= _LONGEST_ID else None
    events = _events(job, chosen, place)
    return {
        "job": job,
        "streams": streams,
        "chosen": chosen,
        "events": events,
        "last_id": events[-1].id if events else (place or 0),
        "over": job.status in TERMINAL,
    }


def _events(job: Job, stream: Stream | None, after_id: int | None) -> list[logs.Event]:
    if stream is None:
        return []
    return logs.events(
        job.team.account_id,
        job.region,
        stream.group,
        stream.name,
        limit=_PAGE,
        after_id=after_id,
    )
