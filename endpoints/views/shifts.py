"""Pages of traffic shifts: the list, the form that starts one, its steps live, its buttons."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, Forbidden, NotFound
from consoleapp.accounts.models import Role
from consoleapp.metrics import alarms
from endpoints import queries, shifts
from endpoints.forms import show_refusal
from endpoints.models import Deployment, Endpoint
from endpoints.shifting.statuses import DeploymentStatus
from endpoints.statuses import EndpointStatus
from endpoints.views import shift_charts
from endpoints.views.listing import PAGE_SIZE
from endpoints.views.shift_form import FIELDS, HINTS, ShiftForm
from endpoints.views.shift_shown import row_of, shown

_PAUSABLE: Final = DeploymentStatus.IN_PROGRESS
_REVERSIBLE: Final = frozenset({DeploymentStatus.IN_PROGRESS, DeploymentStatus.PAUSED})


@console_page("GET")
def endpoint_shifts(request: AuthedRequest, name: str) -> HttpResponse:
    endpoint = queries.endpoint(request.actor, name)
    rows = [row_of(row) for row in shifts.of(endpoint)[:PAGE_SIZE]]
    context = {
        "endpoint": endpoint,
        "rows": rows,
        "live": any(not row["shift"].is_over for row in rows),
        "may_operate": request.actor.may(Role.OPERATOR),
        "startable": _startable(endpoint),
    }
    fragment = request.headers.get("HX-Request") == "true"
    template = "_list.html" if fragment else "list.html"
    return render(request, f"endpoints/shift/{template}", context)


@console_page("GET", "POST", role=Role.OPERATOR)
def create(request: AuthedRequest, name: str) -> HttpResponse:
    endpoint = queries.endpoint(request.actor, name)
    form = _form(request, endpoint)
    if request.method == "POST" and form.is_valid():
        made = _start(request, endpoint, form)
        if made is not None:
            return redirect("endpoints:shift", name, made.number)
    context = {
        "endpoint": endpoint,
        "form": form,
        "hints": HINTS,
        "variants": list(queries.variants(endpoint)),
        "startable": _startable(endpoint),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "endpoints/shift/create.html", context, status=status)


def _form(request: AuthedRequest, endpoint: Endpoint) -> ShiftForm:
    """`?to=` names the variant; by default the one with the least traffic."""
    variants = list(queries.variants(endpoint))
    names = [alarm.name for alarm in alarms.alarms(request.actor)]
    if request.method == "POST":
        return ShiftForm(request.POST, variants=variants, alarms=names)
    production = [variant for variant in variants if not variant.shadow]
    least = min(production, key=lambda one: one.current_weight, default=None)
    to = request.GET.get("to") or (least.name if least else "")
    return ShiftForm(variants=variants, alarms=names, initial={"to": to})


def _start(request: AuthedRequest, endpoint: Endpoint, form: ShiftForm) -> Deployment | None:
    """None when it was refused: the form shows why."""
    try:
        return shifts.start_shift(
            request.actor,
            endpoint_name=endpoint.name,
            to=form.cleaned_data["to"],
            policy=form.policy(),
            guards=form.guards(),
            remove=form.remove(),
        )
    except (NotFound, Forbidden):
        raise
    except CallerError as refused:
        show_refusal(form, refused, FIELDS)
        return None


@console_page("GET")
def shift(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    """The page; for htmx its fragment, 286 once it is over. While a step bakes it is never the
    same twice: its time runs and invocations come."""
    found = shifts.found(request.actor, name, number)
    if request.headers.get("HX-Request") != "true":
        return render(request, "endpoints/shift/detail.html", _context(request, found))
    status = 286 if found.is_over else 200
    context = _context(request, found)
    return render(request, "endpoints/shift/_shift.html", context, status=status)


def _context(request: AuthedRequest, found: Deployment) -> dict[str, Any]:
    may = request.actor.may(Role.OPERATOR) and not shifts.is_given_up(found)
    return {
        **shown(found),
        "may_pause": may and found.status == _PAUSABLE,
        "may_resume": may and found.status == DeploymentStatus.PAUSED,
        "may_roll_back": may and found.status in _REVERSIBLE,
        "charts": shift_charts.CHARTS,
    }


@console_page("GET")
def chart(request: AuthedRequest, name: str, number: int, slug: str) -> HttpResponse:
    found = shifts.found(request.actor, name, number)
    if slug not in shift_charts.CHARTS:
        raise NotFound(f"There is no chart {slug}.")
    return JsonResponse(shift_charts.figure(found, slug))


@console_page("POST", role=Role.OPERATOR)
def pause(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    return _act(request, name, number, shifts.pause, "It stays at this step.")


@console_page("POST", role=Role.OPERATOR)
def resume(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    return _act(request, name, number, shifts.resume, "It goes on.")


@console_page("POST", role=Role.OPERATOR)
def roll_back(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    return _act(request, name, number, shifts.roll_back, "It is rolled back.")


def _act(
    request: AuthedRequest, name: str, number: int, deed: Callable[..., Deployment], done: str
) -> HttpResponse:
    actor: Actor = request.actor
    try:
        deed(actor, endpoint_name=name, number=number)
    except NotFound:
        raise
    except CallerError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, done)
    return redirect("endpoints:shift", name, number)


def _startable(endpoint: Endpoint) -> bool:
    serving = {EndpointStatus.IN_SERVICE, EndpointStatus.UPDATE_ROLLBACK_FAILED}
    production = [one for one in queries.variants(endpoint) if not one.shadow]
    return endpoint.status in serving and len(production) > 1
