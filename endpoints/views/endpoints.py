"""Pages of endpoints: the list, and one endpoint as it is now, polled while it changes."""

import hashlib
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.models import Role
from endpoints import queries
from endpoints.forms import VariantForm
from endpoints.models import Endpoint, Variant
from endpoints.statuses import EndpointStatus
from endpoints.views.listing import listed

_LOG_LINES: Final = 15
_EVENTS: Final = 50
#: Nothing happens to these by itself.
_FINAL: Final = frozenset({EndpointStatus.FAILED.value, EndpointStatus.OUT_OF_SERVICE.value})


@console_page("GET")
def endpoints(request: AuthedRequest) -> HttpResponse:
    context = listed(request, queries.endpoints(request.actor))
    rows: list[Endpoint] = context["rows"]
    seen = ",".join(f"{row.pk}:{row.revision}:{row.status}" for row in rows)
    context["revision"] = hashlib.sha256(seen.encode()).hexdigest()[:12]
    if request.headers.get("HX-Request") != "true":
        return render(request, "endpoints/list.html", context)
    if request.GET.get("revision") == context["revision"]:
        return HttpResponse(status=204)
    return render(request, "endpoints/_table.html", context)


@console_page("GET")
def endpoint(request: AuthedRequest, name: str) -> HttpResponse:
    found = queries.endpoint(request.actor, name)
    if request.headers.get("HX-Request") != "true":
        return render(request, "endpoints/detail.html", detail_context(request, found))
    if request.GET.get("revision") == str(found.revision):
        return HttpResponse(status=204)
    status = 286 if found.status in _FINAL else 200
    context = detail_context(request, found)
    return render(request, "endpoints/_endpoint.html", context, status=status)


def detail_context(request: AuthedRequest, found: Endpoint) -> dict[str, Any]:
    variants = list(queries.variants(found))
    return {
        "endpoint": found,
        "live": found.status not in _FINAL,
        "settings": _settings(found),
        "variants": _variant_rows(variants),
        "instances": [
            {"row": row, "log": "\n".join(queries.log_lines(row, _LOG_LINES))}
            for row in queries.instances(found)
        ],
        "events": queries.events(found)[:_EVENTS],
        "may_operate": request.actor.may(Role.OPERATOR),
        "changeable": found.status == EndpointStatus.IN_SERVICE,
        "deletable": found.status != EndpointStatus.DELETING,
    }


def _variant_rows(variants: list[Variant]) -> list[dict[str, Any]]:
    whole = sum(variant.current_weight for variant in variants if not variant.shadow)
    return [
        {
            "variant": variant,
            "share": variant.current_weight / whole if whole and not variant.shadow else 0.0,
            "form": VariantForm(
                prefix=variant.name,
                initial={
                    "weight": variant.desired_weight,
                    "instance_count": variant.desired_count,
                },
            ),
        }
        for variant in variants
    ]


def _settings(found: Endpoint) -> list[dict[str, Any]]:
    scaled = f"{found.scale:g} of each instance type's vCPUs" if found.scale < 1 else ""
    pending = found.pending_config
    return [
        {"label": "Status", "value": found.status, "status": True},
        {"label": "ARN", "value": found.arn, "copy": True},
        {
            "label": "Endpoint configuration",
            "value": found.config.name,
            "hint": f"updating to {pending.name}" if pending else "",
        },
        {"label": "Creation time", "value": f"{found.created_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "Last change", "value": f"{found.modified_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "Host", "value": found.host, "hint": scaled},
        {"label": "Purpose", "value": found.purpose},
    ]
