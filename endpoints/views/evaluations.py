"""Pages of evaluations: the list, the form that starts one, progress and figures, downloads."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, Forbidden, NotFound
from consoleapp.accounts.models import Role
from endpoints import evaluations, queries
from endpoints.evaluation import figures, reading
from endpoints.forms import show_refusal
from endpoints.models import Endpoint, Evaluation
from endpoints.views.evaluation_form import ADDRESS, EvaluationForm
from endpoints.views.evaluation_shown import shown
from endpoints.views.listing import PAGE_SIZE

_FIELDS: Final = {
    name: name
    for name in (
        *("test_set_uri", "label_column", "positive_label", "threshold"),
        *("rows_per_invocation", "variants"),
    )
}


@console_page("GET")
def endpoint_evaluations(request: AuthedRequest, name: str) -> HttpResponse:
    endpoint = queries.endpoint(request.actor, name)
    rows = list(evaluations.of(endpoint)[:PAGE_SIZE])
    context = {
        "endpoint": endpoint,
        "rows": [{"evaluation": row, "verdict": reading.verdict_of(row)} for row in rows],
        "live": any(not row.is_over for row in rows),
        "may_operate": request.actor.may(Role.OPERATOR),
    }
    fragment = request.headers.get("HX-Request") == "true"
    template = "_list.html" if fragment else "list.html"
    return render(request, f"endpoints/evaluation/{template}", context)


@console_page("GET", "POST", role=Role.OPERATOR)
def start(request: AuthedRequest, name: str) -> HttpResponse:
    endpoint = queries.endpoint(request.actor, name)
    choices = evaluations.choices(endpoint)
    if request.method == "GET":
        return _form_page(request, endpoint, EvaluationForm(choices=choices))
    form = EvaluationForm(request.POST, request.FILES, choices=choices)
    if form.is_valid():
        made = _create(request, endpoint, form)
        if made is not None:
            return redirect("endpoints:evaluation", name, made.number)
    return _form_page(request, endpoint, form, status=422)


def _create(request: AuthedRequest, endpoint: Endpoint, form: EvaluationForm) -> Evaluation | None:
    """None when it was refused: the form shows why, and keeps what was uploaded."""
    try:
        file = form.uploaded()
        uri = form.cleaned_data["test_set_uri"]
        if file is not None:
            uri = evaluations.upload_test_set(
                request.actor,
                endpoint_name=endpoint.name,
                filename=file.name or "",
                content=file.read(),
            )
            # Should the rest be refused, the file is there already and need not be chosen again.
            typed = request.POST.copy()
            typed["source"], typed["test_set_uri"] = ADDRESS, uri
            form.data = typed
        return evaluations.create(
            request.actor,
            endpoint_name=endpoint.name,
            plan=form.plan(uri),
            variants=form.cleaned_data["variants"],
        )
    except (NotFound, Forbidden):
        raise
    except CallerError as refused:
        show_refusal(form, refused, _FIELDS)
        return None


@console_page("GET")
def evaluation(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    """The page; for htmx its fragment, 204 while nothing changed and 286 once it is over."""
    found = evaluations.found(request.actor, name, number)
    if request.headers.get("HX-Request") != "true":
        return render(request, "endpoints/evaluation/detail.html", _context(request, found))
    if request.GET.get("revision") == str(found.revision) and not found.is_over:
        return HttpResponse(status=204)
    context = _context(request, found)
    status = 286 if found.is_over else 200
    return render(request, "endpoints/evaluation/_evaluation.html", context, status=status)


@console_page("POST", role=Role.OPERATOR)
def stop(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    evaluations.stop(request.actor, endpoint_name=name, number=number)
    return redirect("endpoints:evaluation", name, number)


@console_page("POST", role=Role.OPERATOR)
def delete(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    try:
        evaluations.delete(request.actor, endpoint_name=name, number=number)
    except NotFound:
        raise
    except CallerError as refused:
        messages.error(request, refused.message)
        return redirect("endpoints:evaluation", name, number)
    messages.success(request, f"Evaluation {number} of {name} was deleted.")
    return redirect("endpoints:evaluations", name)


@console_page("GET")
def roc(request: AuthedRequest, name: str, number: int) -> HttpResponse:
    found = evaluations.found(request.actor, name, number)
    return JsonResponse(figures.roc(found))


@console_page("GET")
def predictions(request: AuthedRequest, name: str, number: int) -> HttpResponseBase:
    found = evaluations.found(request.actor, name, number)
    filename = f"{name}-evaluation-{number}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingHttpResponse(
        reading.predictions(found), content_type="text/csv", headers=headers
    )


def _context(request: AuthedRequest, found: Evaluation) -> dict[str, Any]:
    may = request.actor.may(Role.OPERATOR)
    context = shown(found)
    better = context["verdict"].better if context["verdict"] else ""
    return {
        **context,
        "endpoint": found.endpoint,
        "may_stop": may and found.status in {"PENDING", "IN_PROGRESS"},
        "may_delete": may and found.is_over,
        "may_operate": may,
        "shift_url": _shift_url(found.endpoint, better) if may and better else "",
    }


def _shift_url(endpoint: Endpoint, variant: str) -> str:
    """Where traffic is moved to the better one, if it does not have all of it."""
    others = [
        one for one in evaluations.choices(endpoint) if one.name != variant and one.current_weight
    ]
    if not others:
        return ""
    shift = reverse("endpoints:shift-create", args=[endpoint.name])
    return f"{shift}?{urlencode({'to': variant})}"


def _form_page(
    request: AuthedRequest, endpoint: Endpoint, form: EvaluationForm, *, status: int = 200
) -> HttpResponse:
    context = {"endpoint": endpoint, "form": form}
    return render(request, "endpoints/evaluation/start.html", context, status=status)
