"""The test panel of an endpoint's page: one invocation, its answer, and the same call as code."""

import json
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, Forbidden, NotFound
from consoleapp.accounts.models import Role
from endpoints import invocation_code, invoking, queries
from endpoints.forms import show_refusal
from endpoints.inference_form import FIELDS, InferenceForm, call_of
from endpoints.invoking import Answer
from endpoints.models import Endpoint
from endpoints.views.endpoints import page

#: Of a long answer, what a page shows.
_SHOWN: Final = 20_000


@console_page("POST", role=Role.OPERATOR)
def invoke(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.endpoint(request.actor, name)
    form = _form(request, found)
    answer, status = None, 422
    if form.is_valid():
        try:
            answer = invoking.invoke(request.actor, name=name, invocation=form.invocation())
            status = 200
        except (NotFound, Forbidden):
            raise
        except CallerError as refused:
            show_refusal(form, refused, FIELDS)
    context: dict[str, Any] = {"answer": shown(answer) if answer else None}
    if request.headers.get("HX-Request") != "true":
        return page(request, found, form=form, status=status, **context)
    problems = [error for errors in form.errors.values() for error in errors]
    context |= {"endpoint": found, "problems": problems}
    return render(request, "endpoints/_answer.html", context, status=status)


@console_page("POST")
def code(request: AuthedRequest, name: str) -> HttpResponse:
    """The call as the form has it now. Nothing is sent to the endpoint."""
    found = queries.endpoint(request.actor, name)
    call = call_of(_form(request, found), found, request.build_absolute_uri("/").rstrip("/"))
    context = {
        "endpoint": found,
        "snippets": invocation_code.all_of(call),
        "tab": request.POST.get("snippet", ""),
    }
    return render(request, "endpoints/_call_code.html", context)


def _form(request: AuthedRequest, found: Endpoint) -> InferenceForm:
    variants = queries.variants(found).prefetch_related(None).values_list("name", flat=True)
    return InferenceForm(request.POST, request.FILES, variants=list(variants))


def shown(answer: Answer) -> dict[str, Any]:
    text = answer.message if not answer.succeeded else _text(answer)
    return {
        "succeeded": answer.succeeded,
        "status": answer.status,
        "error": answer.error,
        "variant": answer.variant,
        "latency_ms": answer.latency_s * 1000,
        "content_type": answer.content_type,
        "request_id": answer.request_id,
        "asked_at": answer.asked_at,
        "size": len(answer.body),
        "cut": len(text) > _SHOWN,
        "text": text[:_SHOWN],
    }


def _text(answer: Answer) -> str:
    if "json" in answer.content_type:
        try:
            return json.dumps(json.loads(answer.body), indent=2)
        except ValueError:
            pass
    try:
        return answer.body.decode()
    except UnicodeDecodeError:
        return answer.body[: _SHOWN // 3].hex(" ")
