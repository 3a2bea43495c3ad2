"""Pages and REST wait for the object store for seconds only, and say so when it does not answer."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from consoleapp.storage import patience

logger = logging.getLogger(__name__)


class ShortPatience:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with patience.short():
            return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A view that has no words of its own for it answers 503."""
        if not isinstance(error, patience.SILENCE):
            return None
        logger.warning("The object store does not answer: %s", error)
        if request.path.startswith("/api/"):
            told = {"code": "ServiceUnavailable", "message": patience.AWAY, "field": ""}
            return JsonResponse(told, status=503)
        return render(request, "503.html", {"message": patience.AWAY}, status=503)
