"""What an endpoint's page shows, as values. Permission is decided by the views."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from consoleapp.accounts.access import AuthedRequest
from consoleapp.accounts.models import Role
from endpoints import charts, queries
from endpoints.forms import VariantForm, in_full
from endpoints.models import Endpoint, Instance, Variant
from endpoints.routing.pick import part_of
from endpoints.shift import fleet_parts
from endpoints.statuses import EndpointStatus, InstanceStatus

_LOG_LINES: Final = 15
_EVENTS: Final = 50
#: Nothing happens to these by itself.
FINAL: Final = frozenset({EndpointStatus.FAILED.value, EndpointStatus.OUT_OF_SERVICE.value})
#: On the way somewhere: a bar says how far.
_MOVING: Final = {
    EndpointStatus.CREATING.value: "Bringing up instances",
    EndpointStatus.UPDATING.value: "Updating",
    EndpointStatus.SYSTEM_UPDATING.value: "Updating",
    EndpointStatus.ROLLING_BACK.value: "Rolling back",
    EndpointStatus.DELETING.value: "Stopping instances",
}


def page(request: AuthedRequest, found: Endpoint) -> dict[str, Any]:
    span = request.GET.get("span", "")
    span = span if span in charts.SPANS else charts.DEFAULT_SPAN
    return {
        **state(found),
        **activity(found),
        **permissions(request, found),
        "spans": [(slug, label) for slug, (label, *_) in charts.SPANS.items()],
        "span": span,
        "charts": [
            (slug, chart, reverse("endpoints:chart", args=[found.name, slug]))
            for slug, chart in charts.CHARTS.items()
        ],
    }


def permissions(request: AuthedRequest, found: Endpoint) -> dict[str, bool]:
    may = request.actor.may(Role.OPERATOR)
    return {
        "may_operate": may,
        "changeable": found.status == EndpointStatus.IN_SERVICE,
        "updatable": found.status
        in {EndpointStatus.IN_SERVICE, EndpointStatus.UPDATE_ROLLBACK_FAILED},
        "deletable": found.status != EndpointStatus.DELETING,
    }


def state(found: Endpoint) -> dict[str, Any]:
    """Status, progress, settings and variants: the part that is polled."""
    serving = list(queries.variants(found))
    coming = list(queries.next_variants(found))
    return {
        "endpoint": found,
        "live": found.status not in FINAL,
        "settings": _settings(found),
        "progress": _progress(found, coming or serving),
        **_fleets(found, serving, coming),
    }


def _fleets(
    found: Endpoint, serving: Sequence[Variant], coming: Sequence[Variant]
) -> dict[str, Any]:
    """Blue serves; green, where an update brings one up, gets its part of the traffic."""
    blue, green = fleet_parts(_weights(serving), _weights(coming), found.pending_share)
    return {
        "variants": variant_rows(serving, blue),
        "coming": variant_rows(coming, green),
        "blue_part": blue,
        "green_part": green,
        "weightless": bool(serving) and not coming and not any(_weights(serving)),
    }


def _weights(variants: Sequence[Variant]) -> list[float]:
    return [variant.current_weight for variant in variants if not variant.shadow]


def activity(found: Endpoint) -> dict[str, Any]:
    """Instances with their last lines, and events: the other part that is polled."""
    return {
        "endpoint": found,
        "live": found.status not in FINAL,
        "instances": [_instance(found, row) for row in queries.instances(found)],
        "events": queries.events(found)[:_EVENTS],
    }


def variant_rows(variants: Sequence[Variant], part: float = 1.0) -> list[dict[str, Any]]:
    """`part`: of all traffic, what these variants share. A shadow's is the part it gets copied."""
    weights = _weights(variants)
    return [
        {
            "variant": variant,
            "share": part * part_of(variant.current_weight, weights),
            "restarts": sum(instance.restarts for instance in variant.instances.all()),
            "form": VariantForm(
                prefix=variant.name,
                initial={
                    "weight": in_full(variant.desired_weight),
                    "instance_count": variant.desired_count,
                },
            ),
        }
        for variant in variants
    ]


def log_stream_url(endpoint: Endpoint, instance: Instance) -> str:
    where = {
        "group": f"/aws/sagemaker/Endpoints/{endpoint.name}",
        "stream": f"{instance.variant.name}/{instance.name}",
    }
    return f"{reverse('metrics:log-stream')}?{urlencode(where)}"


def _instance(endpoint: Endpoint, row: Instance) -> dict[str, Any]:
    return {
        "row": row,
        "log": "\n".join(queries.log_lines(row, _LOG_LINES)),
        "stream_url": log_stream_url(endpoint, row),
    }


def _progress(found: Endpoint, variants: Sequence[Variant]) -> dict[str, Any] | None:
    """How many of the instances serve; of one being deleted, how many are gone."""
    text = _MOVING.get(found.status)
    if text is None:
        return None
    wanted = sum(variant.desired_count for variant in variants)
    there = [one for variant in variants for one in variant.instances.all()]
    serving = sum(one.status == InstanceStatus.IN_SERVICE for one in there)
    deleting = found.status == EndpointStatus.DELETING
    last = queries.events(found).first()
    return {
        "text": text,
        "done": wanted - len(there) if deleting else serving,
        "of": wanted,
        "unit": "stopped" if deleting else "in service",
        "last": last.message.partition("\n")[0] if last else "",
    }


def _settings(found: Endpoint) -> list[dict[str, Any]]:
    scaled = f"{found.scale:g} of each instance type's vCPUs" if found.scale < 1 else ""
    pending, config = found.pending_config, found.config
    url = "" if config.deleted_at else reverse("endpoints:config", args=[config.name])
    return [
        {"label": "Status", "value": found.status, "status": True},
        {"label": "ARN", "value": found.arn, "copy": True},
        {
            "label": "Endpoint configuration",
            "value": config.name,
            "url": url,
            "hint": f"updating to {pending.name}" if pending else "",
        },
        {"label": "Creation time", "value": f"{found.created_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "Last change", "value": f"{found.modified_at:%b %d, %Y, %H:%M:%S} UTC"},
        {"label": "Host", "value": found.host, "hint": scaled},
        {"label": "Purpose", "value": found.get_purpose_display()},
    ]
