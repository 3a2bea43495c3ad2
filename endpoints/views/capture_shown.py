"""The data capture of an endpoint, as its page shows it: where to, how much, and what was lost."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from consoleapp.accounts.access import AuthedRequest, console_page
from endpoints import queries
from endpoints.capture import state
from endpoints.models import Endpoint
from endpoints.views import endpoint_shown


@console_page("GET")
def capture(request: AuthedRequest, name: str) -> HttpResponse:
    """The section alone, polled: counts change while the endpoint does not."""
    found = queries.endpoint(request.actor, name)
    return render(request, "endpoints/_capture.html", context(found))


def context(endpoint: Endpoint) -> dict[str, Any]:
    shown = state.shown(endpoint)
    return {
        "endpoint": endpoint,
        "live": endpoint.status not in endpoint_shown.FINAL,
        "capture": shown,
        "capture_settings": _settings(endpoint, shown) if shown else [],
    }


def _settings(endpoint: Endpoint, shown: state.Shown) -> list[dict[str, Any]]:
    config = shown.config
    modes = [option["CaptureMode"] for option in config["CaptureOptions"]]
    return [
        {"label": "Capture status", "value": shown.status, "status": True},
        {
            "label": "Destination",
            "value": config["DestinationS3Uri"],
            "url": _folder(endpoint, config["DestinationS3Uri"]),
        },
        {"label": "Sampling percentage", "value": f"{config['InitialSamplingPercentage']}%"},
        {"label": "Captured", "value": ", ".join(modes)},
        {"label": "Records captured", "value": f"{shown.captured}", "hint": "in the last 24 hours"},
        {"label": "Records dropped", "value": f"{shown.dropped}", "hint": "in the last 24 hours"},
    ]


def _folder(endpoint: Endpoint, uri: str) -> str:
    """The endpoint's own folder below the destination."""
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    below = f"{prefix.strip('/')}/{endpoint.name}/".lstrip("/")
    return f"{reverse('storage:bucket', args=[bucket])}?{urlencode({'prefix': below})}"
