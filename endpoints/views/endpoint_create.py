"""The page that makes an endpoint, with all it needs."""

from dataclasses import dataclass
from typing import Any, Final, Self

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Role
from endpoints import deploying, queries, services
from endpoints.config_form import (
    CONFIG_FIELDS,
    ConfigForm,
    VariantRows,
    as_typed,
    changed,
    rows_of,
    with_rows,
)
from endpoints.deploying import NewConfig
from endpoints.endpoint_form import EXISTING, EndpointForm, NewModelForm, prefill
from endpoints.forms import show_refusal
from endpoints.views import variant_rows

#: Configurations offered to choose from, the newest first.
_OFFERED: Final = 200
_ENDPOINT_FIELDS: Final = {"EndpointName": "endpoint_name"}
_MODEL_FIELDS: Final = {"ModelName": "new_model_name"}


@dataclass(slots=True)
class Sheet:
    """The forms of the page, together. `model` is there for a recommendation only."""

    endpoint: EndpointForm
    config: ConfigForm
    rows: VariantRows
    model: NewModelForm | None

    @classmethod
    def empty(cls, request: AuthedRequest) -> Self:
        given = prefill(request.GET.dict())
        return cls(
            EndpointForm(initial=given, configs=config_names(request)),
            ConfigForm(initial=given),
            with_rows([given["row"]]),
            NewModelForm(initial=given["model"]) if given["model"] else None,
        )

    @classmethod
    def sent(cls, request: AuthedRequest) -> Self:
        data = request.POST
        return cls(
            EndpointForm(data, configs=config_names(request)),
            ConfigForm(data),
            rows_of(data),
            NewModelForm(data) if "new_model_name" in data else None,
        )

    @classmethod
    def with_other_rows(cls, request: AuthedRequest, rows: VariantRows) -> Self:
        typed = as_typed(request.POST)
        return cls(
            EndpointForm(initial=typed, configs=config_names(request)),
            ConfigForm(initial=typed),
            rows,
            NewModelForm(initial=typed) if "new_model_name" in typed else None,
        )

    def is_valid(self) -> bool:
        if not self.endpoint.is_valid():
            return False
        if self.attaches:
            return True
        parts = [self.config.is_valid(), self.rows.is_valid()]
        parts += [self.model.is_valid()] if self.model else []
        return all(parts)

    @property
    def attaches(self) -> bool:
        return bool(self.endpoint.cleaned_data["attach"] == EXISTING)

    @property
    def new_model(self) -> str:
        return str(self.model["new_model_name"].value() or "") if self.model else ""


@console_page("GET", "POST", role=Role.OPERATOR)
def create(request: AuthedRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request, Sheet.empty(request))
    action = variant_rows.asks_for_rows(request)
    if action:
        rows = changed(rows_of(request.POST), action)
        if request.headers.get("HX-Request") == "true":
            return variant_rows.fragment(request, rows, request.POST.get("new_model_name", ""))
        return _page(request, Sheet.with_other_rows(request, rows))
    sheet = Sheet.sent(request)
    if sheet.is_valid() and _made(request, sheet):
        return redirect("endpoints:detail", sheet.endpoint.cleaned_data["endpoint_name"])
    return _page(request, sheet, status=422)


def _made(request: AuthedRequest, sheet: Sheet) -> bool:
    given = sheet.endpoint.cleaned_data
    name = given["endpoint_name"]
    try:
        if sheet.attaches:
            services.create_endpoint(request.actor, name=name, config_name=given["config_name"])
        else:
            deploying.deploy(
                request.actor,
                endpoint_name=name,
                config=NewConfig(
                    name=sheet.config.cleaned_data["name"],
                    variants=sheet.rows.specs(),
                    members=sheet.config.members(),
                ),
                model=sheet.model.wanted() if sheet.model else None,
            )
    except CallerError as refused:
        _show(sheet, refused)
        return False
    messages.success(request, f"Endpoint {name} is being created.")
    return True


def _show(sheet: Sheet, refused: CallerError) -> None:
    if refused.field in CONFIG_FIELDS:
        show_refusal(sheet.config, refused, CONFIG_FIELDS)
    elif sheet.model is not None and refused.field in _MODEL_FIELDS:
        show_refusal(sheet.model, refused, _MODEL_FIELDS)
    else:
        show_refusal(sheet.endpoint, refused, _ENDPOINT_FIELDS)


def _page(request: AuthedRequest, sheet: Sheet, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": sheet.endpoint,
        "config_form": sheet.config,
        "model_form": sheet.model,
        "may_publish": request.actor.may(Role.PUBLISHER),
        **variant_rows.context(request, sheet.rows, new_model=sheet.new_model),
    }
    return render(request, "endpoints/create.html", context, status=status)


def config_names(request: AuthedRequest) -> list[str]:
    """Those that can be chosen, the newest first."""
    newest = queries.endpoint_configs(request.actor).prefetch_related(None)
    return list(newest.values_list("name", flat=True)[:_OFFERED])
