"""Pages of endpoint configurations: list and detail."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.models import Role
from endpoints import queries, services
from endpoints.routing.pick import part_of
from endpoints.views.listing import listed


@console_page("GET")
def configs(request: AuthedRequest) -> HttpResponse:
    context = listed(request, queries.endpoint_configs(request.actor))
    context["may_operate"] = request.actor.may(Role.OPERATOR)
    return render(request, "endpoints/configs.html", context)


@console_page("GET")
def config(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.endpoint_config(request.actor, name)
    variants = list(found.variants.all())
    weights = [variant.initial_weight for variant in variants if not variant.shadow]
    context = {
        "config": found,
        "settings": [
            {"label": "ARN", "value": found.arn, "copy": True},
            {"label": "Creation time", "value": f"{found.created_at:%b %d, %Y, %H:%M:%S} UTC"},
            {"label": "Encryption key", "value": found.kms_key_id},
            {
                "label": "Data capture",
                "value": _capture(found.data_capture_config),
                "hint": _modes(found.data_capture_config),
            },
        ],
        "variants": [(variant, part_of(variant.initial_weight, weights)) for variant in variants],
        "endpoints": queries.endpoints(request.actor).filter(config=found),
        "may_operate": request.actor.may(Role.OPERATOR),
    }
    return render(request, "endpoints/config.html", context)


def _capture(config: dict[str, Any] | None) -> str:
    if not config:
        return ""
    percent, where = config.get("InitialSamplingPercentage", 100), config.get("DestinationS3Uri")
    return f"{percent}% to {where}" if config.get("EnableCapture", True) else "disabled"


def _modes(config: dict[str, Any] | None) -> str:
    modes = [option.get("CaptureMode", "") for option in (config or {}).get("CaptureOptions", ())]
    return ", ".join(modes)


@console_page("POST", role=Role.OPERATOR)
def delete(request: AuthedRequest, name: str) -> HttpResponse:
    if request.POST.get("confirm") != "delete":
        messages.error(request, f"{name} was not deleted: type delete to confirm.")
        return redirect("endpoints:config", name)
    services.delete_endpoint_config(request.actor, name=name)
    messages.success(request, f"Endpoint configuration {name} was deleted.")
    return redirect("endpoints:configs")
