"""The page that moves an endpoint to another configuration: which, how, and what rolls it back."""

from dataclasses import dataclass
from typing import Self

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Role
from consoleapp.metrics import alarms
from endpoints import queries, services
from endpoints.endpoint_form import UpdateForm
from endpoints.forms import show_refusal
from endpoints.models import Endpoint
from endpoints.rollout_form import FIELDS, HINTS, RolloutForm
from endpoints.views.endpoint_create import config_names


@dataclass(slots=True)
class _Sheet:
    """The forms of the page, together."""

    update: UpdateForm
    rollout: RolloutForm

    @classmethod
    def of(cls, request: AuthedRequest, endpoint: Endpoint) -> Self:
        configs = [name for name in config_names(request) if name != endpoint.config.name]
        names = [alarm.name for alarm in alarms.alarms(request.actor)]
        if request.method == "POST":
            data = request.POST
            return cls(UpdateForm(data, configs=configs), RolloutForm(data, alarms=names))
        asked = {"config_name": request.GET.get("config_name", "")}
        return cls(UpdateForm(initial=asked, configs=configs), RolloutForm(alarms=names))

    def is_valid(self) -> bool:
        # Both, so that what is wrong in either is shown.
        return all([self.update.is_valid(), self.rollout.is_valid()])


@console_page("GET", "POST", role=Role.OPERATOR)
def update(request: AuthedRequest, name: str) -> HttpResponse:
    """A second fleet comes up beside the first, then takes over."""
    found = queries.endpoint(request.actor, name)
    sheet = _Sheet.of(request, found)
    if request.method == "POST":
        if sheet.is_valid() and _updated(request, name, sheet):
            return redirect("endpoints:detail", name)
        return _page(request, name, sheet, status=422)
    return _page(request, name, sheet)


def _updated(request: AuthedRequest, name: str, sheet: _Sheet) -> bool:
    given = sheet.update.cleaned_data
    try:
        services.update_endpoint(
            request.actor,
            name=name,
            config_name=given["config_name"],
            retain_variant_properties=given["retain"],
            deployment_config=sheet.rollout.deployment_config(),
            guards=sheet.rollout.guards(),
        )
    except CallerError as refused:
        if refused.field in FIELDS:
            show_refusal(sheet.rollout, refused, FIELDS)
        else:
            show_refusal(sheet.update, refused, {"EndpointConfigName": "config_name"})
        return False
    messages.success(request, f"Endpoint {name} is being updated to {given['config_name']}.")
    return True


def _page(request: AuthedRequest, name: str, sheet: _Sheet, *, status: int = 200) -> HttpResponse:
    endpoint = queries.endpoint(request.actor, name)
    chosen = str(sheet.update["config_name"].value() or "")
    offered = chosen in dict(sheet.update.fields["config_name"].choices)  # type: ignore[attr-defined]
    context = {
        "endpoint": endpoint,
        "form": sheet.update,
        "rollout": sheet.rollout,
        "hints": HINTS,
        "now": list(queries.variants(endpoint)),
        "chosen": queries.endpoint_config(request.actor, chosen) if chosen and offered else None,
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "endpoints/_update_preview.html", context)
    return render(request, "endpoints/update.html", context, status=status)
