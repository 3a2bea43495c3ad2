"""Who may open a page: sign-in, method and role are checked before the view runs."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
    QueryDict,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, NotFound
from consoleapp.accounts.models import Role, User


class AuthedRequest(HttpRequest):
    """A request whose sender is known, with the team and region it acts in."""

    actor: Actor
    user: User


P = ParamSpec("P")
Page = Callable[Concatenate[AuthedRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

_SENT_BY_FORMS = "This address only takes what a form sends. Go back to the page with the form."
_NO_TEAM = "You belong to no team yet. Ask an admin of a team to add you."


def console_page(*methods: str, role: Role = Role.VIEWER) -> Callable[[Page[P]], View[P]]:
    """Lets only members with `role` in; GET allows HEAD.

    Signed out: to the sign-in page. NotFound raised inside: the 404 page. Forbidden: the 403 page.
    """
    allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)

    def decorate(page: Page[P]) -> View[P]:
        @wraps(page)
        def view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.method not in allowed:
                return _not_allowed(request, sorted(allowed))
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                return _refusal(request, 403, _NO_TEAM)
            try:
                actor.must(role)
                if _has_nul(request.POST):
                    return HttpResponseBadRequest("The form holds a NUL character.")
                return page(cast(AuthedRequest, request), *args, **kwargs)
            except (NotFound, Forbidden) as error:
                return _refusal(request, error.status, error.message)

        return view

    return decorate


def _has_nul(form: QueryDict) -> bool:
    # What a page stores as it was typed, PostgreSQL would refuse with an error of its own.
    return any("\0" in text for name, values in form.lists() for text in (name, *values))


def shown_address(request: HttpRequest) -> SplitResult:
    """Of the page that asks for a fragment; empty where the browser told none that can be read."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def _not_allowed(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    """With a page: a reload of what a form was sent to must not end at the browser's own error."""
    answer = HttpResponseNotAllowed(allowed)
    page = _refusal(request, answer.status_code, _SENT_BY_FORMS)
    page["Allow"] = answer["Allow"]
    return page


def _refusal(request: HttpRequest, status: int, message: str) -> HttpResponse:
    return render(request, f"{status}.html", {"message": message}, status=status)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        # A redirect would be followed inside the fragment: the whole page must go there.
        shown = shown_address(request)
        back = urlunsplit(("", "", shown.path, shown.query, ""))
        sign_in = redirect_to_login(back)["Location"]
        return HttpResponse(status=204, headers={"HX-Redirect": sign_in})
    target = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    return redirect_to_login(target)
