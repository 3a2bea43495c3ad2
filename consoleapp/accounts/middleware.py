"""What every request gets: its actor, the security headers, and the frame's template variables."""

from collections.abc import Callable
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Team, User
from consoleapp.accounts.sessions import actor_of_session

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Styles may be inline because Plotly positions its parts that way; scripts never are.
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class _Request(HttpRequest):
    actor: Actor | None


def security_headers(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def no_nul(get_response: GetResponse) -> GetResponse:
    """PostgreSQL stores no NUL and fails when it is asked for one. Forms: access.console_page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("The address holds a NUL character.")
        return get_response(request)

    return middleware


def actor(get_response: GetResponse) -> GetResponse:
    """Sets `request.actor` from the session: None when signed out or without a team."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        known = cast(_Request, request)
        user = request.user
        known.actor = actor_of_session(user, request.session) if isinstance(user, User) else None
        return get_response(request)

    return middleware


def console_context(request: HttpRequest) -> dict[str, Any]:
    current: Actor | None = getattr(request, "actor", None)
    teams: list[Team] = []
    if current is not None and current.user is not None:
        teams = list(Team.objects.filter(membership__user=current.user).order_by("name"))
    return {
        "actor": current,
        "teams": teams,
        "regions": settings.REGIONS,
        "version": settings.VERSION,
    }
