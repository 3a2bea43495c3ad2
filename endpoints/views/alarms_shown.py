"""The alarms about an endpoint, as its page shows them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.models import Role
from consoleapp.metrics.alarm_views import condition_of
from consoleapp.metrics.alarms import alarms_on
from endpoints import queries
from endpoints.models import Endpoint
from endpoints.views import endpoint_shown


@console_page("GET")
def alarms(request: AuthedRequest, name: str) -> HttpResponse:
    """The section alone, polled: alarms move while the endpoint does not."""
    found = queries.endpoint(request.actor, name)
    return render(request, "endpoints/_alarms.html", context(request, found))


def context(request: AuthedRequest, endpoint: Endpoint) -> dict[str, Any]:
    about = alarms_on(request.actor, {"EndpointName": endpoint.name})
    return {
        "endpoint": endpoint,
        "live": endpoint.status not in endpoint_shown.FINAL,
        "alarms": [{"alarm": alarm, "condition": condition_of(alarm)} for alarm in about],
        "may_operate": request.actor.may(Role.OPERATOR),
    }
