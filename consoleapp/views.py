"""Pages that belong to no app: the way in, and whether this copy is well."""

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from consoleapp.accounts.access import AuthedRequest, console_page


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    return redirect("home")


@console_page("GET")
def home(request: AuthedRequest) -> HttpResponse:
    return redirect("recommender:jobs")


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while both databases answer; says nothing that a stranger may not know."""
    for name in ("default", "metrics"):
        with connections[name].cursor() as cursor:
            cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "version": settings.VERSION})
