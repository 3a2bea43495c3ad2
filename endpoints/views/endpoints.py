"""Pages of endpoints: the list, and one endpoint as it is now, polled while it changes."""

import hashlib
from typing import Final

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import NotFound
from consoleapp.accounts.models import Role
from endpoints import charts, invocation_code, queries
from endpoints.inference_form import CONTENT_TYPES, InferenceForm, call_of
from endpoints.models import Endpoint
from endpoints.views import alarms_shown, capture_shown
from endpoints.views import endpoint_shown as shown
from endpoints.views.listing import listed

#: Parts of the page that are fetched anew once the status has changed.
_PARTS: Final = {
    "header": "endpoints/_header.html",
    "weights": "endpoints/_weights.html",
}


@console_page("GET")
def endpoints(request: AuthedRequest) -> HttpResponse:
    context = listed(request, queries.endpoints(request.actor))
    rows: list[Endpoint] = context["rows"]
    seen = ",".join(f"{row.pk}:{row.revision}:{row.status}" for row in rows)
    context["revision"] = hashlib.sha256(seen.encode()).hexdigest()[:12]
    context["may_operate"] = request.actor.may(Role.OPERATOR)
    if request.headers.get("HX-Request") != "true":
        return render(request, "endpoints/list.html", context)
    if request.GET.get("revision") == context["revision"]:
        return HttpResponse(status=204)
    return render(request, "endpoints/_table.html", context)


@console_page("GET")
def endpoint(request: AuthedRequest, name: str) -> HttpResponse:
    """The page; for htmx its head, 204 while nothing changed and 286 once nothing will."""
    found = queries.endpoint(request.actor, name)
    if request.headers.get("HX-Request") != "true":
        return page(request, found)
    if request.GET.get("revision") == str(found.revision):
        return HttpResponse(status=204)
    status = 286 if found.status in shown.FINAL else 200
    answer = render(request, "endpoints/_endpoint.html", shown.state(found), status=status)
    if request.GET.get("status") != found.status:
        # What may be done depends on it: those parts fetch themselves again.
        answer["HX-Trigger"] = "endpoint-status"
    return answer


@console_page("GET")
def activity(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.endpoint(request.actor, name)
    if request.GET.get("revision") == str(found.revision):
        return HttpResponse(status=204)
    status = 286 if found.status in shown.FINAL else 200
    return render(request, "endpoints/_activity.html", shown.activity(found), status=status)


@console_page("GET")
def part(request: AuthedRequest, name: str, part: str) -> HttpResponse:
    found = queries.endpoint(request.actor, name)
    if part not in _PARTS:
        raise NotFound("There is no such part of the page.")
    context = {**shown.state(found), **shown.permissions(request, found)}
    return render(request, _PARTS[part], context)


@console_page("GET")
def chart(request: AuthedRequest, name: str, slug: str) -> HttpResponse:
    found = queries.endpoint(request.actor, name)
    if slug not in charts.CHARTS:
        raise NotFound("There is no such chart.")
    span = request.GET.get("span", "")
    span = span if span in charts.SPANS else charts.DEFAULT_SPAN
    live = found.status not in shown.FINAL
    return JsonResponse(charts.figure(found, slug, span=span, live=live))


def page(
    request: AuthedRequest,
    found: Endpoint,
    *,
    form: InferenceForm | None = None,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    """The whole page; with `form` and what came of it when it was sent without JavaScript."""
    context = shown.page(request, found)
    variants = [row["variant"].name for row in context["variants"]]
    form = form or InferenceForm(variants=variants)
    address = request.build_absolute_uri("/").rstrip("/")
    context |= {
        "inference": form,
        "content_types": CONTENT_TYPES,
        **capture_shown.context(found),
        **alarms_shown.context(request, found),
        "snippets": invocation_code.all_of(call_of(form, found, address)),
        **more,
    }
    return render(request, "endpoints/detail.html", context, status=status)
