"""Pages that belong to no app: the way in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from consoleapp.accounts.access import AuthedRequest, console_page


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    return redirect("home")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("favicon.svg"), permanent=True)


@console_page("GET")
def home(request: AuthedRequest) -> HttpResponse:
    return redirect("recommender:jobs")
