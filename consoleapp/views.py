"""Pages that belong to no app: the way in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import NotFound


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    return redirect("home")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("favicon.svg"), permanent=True)


@console_page("GET")
def home(request: AuthedRequest) -> HttpResponse:
    return redirect("recommender:jobs")


@extend_schema(exclude=True)
class NoSuchPath(APIView):
    """REST's own answer to a path that it does not have: programs read it."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound(f"There is nothing at {request.path}: /api/v1/docs/ lists what there is.")
