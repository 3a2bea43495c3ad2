"""The page that makes an endpoint configuration."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Role
from endpoints import queries, services
from endpoints.config_form import (
    CONFIG_FIELDS,
    ConfigForm,
    VariantRows,
    as_typed,
    changed,
    next_row,
    rows_of,
    values_of,
    with_rows,
)
from endpoints.forms import show_refusal
from endpoints.views import variant_rows


@console_page("GET", "POST", role=Role.OPERATOR)
def create(request: AuthedRequest) -> HttpResponse:
    """`?from=NAME` begins with the variants of that configuration."""
    if request.method == "GET":
        return _page(request, ConfigForm(), _first_rows(request))
    rows, action = rows_of(request.POST), variant_rows.asks_for_rows(request)
    if action:
        return _with_changed_rows(request, changed(rows, action))
    form = ConfigForm(request.POST)
    if form.is_valid() & rows.is_valid() and _made(request, form, rows):
        return redirect("endpoints:config", form.cleaned_data["name"])
    return _page(request, form, rows, status=422)


def _first_rows(request: AuthedRequest) -> VariantRows:
    name = request.GET.get("from", "")
    if name:
        return with_rows(values_of(queries.endpoint_config(request.actor, name)))
    return with_rows([next_row([])])


def _with_changed_rows(request: AuthedRequest, rows: VariantRows) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return variant_rows.fragment(request, rows)
    # Not bound to what was typed: it was not sent yet, so nothing of it is wrong yet.
    return _page(request, ConfigForm(initial=as_typed(request.POST)), rows)


def _made(request: AuthedRequest, form: ConfigForm, rows: VariantRows) -> bool:
    name = form.cleaned_data["name"]
    try:
        services.create_endpoint_config(
            request.actor, name=name, variants=rows.specs(), members=form.members()
        )
    except CallerError as refused:
        show_refusal(form, refused, CONFIG_FIELDS)
        return False
    messages.success(request, f"Endpoint configuration {name} was created.")
    return True


def _page(
    request: AuthedRequest, form: ConfigForm, rows: VariantRows, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, **variant_rows.context(request, rows)}
    return render(request, "endpoints/create_config.html", context, status=status)
