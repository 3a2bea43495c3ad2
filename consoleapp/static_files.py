"""Static files whole and compressed: one piece each, as an asynchronous server wants them."""

import gzip
from functools import lru_cache
from typing import Final

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

#: Smaller ones fit one packet anyhow.
_WORTH_IT: Final = 1024
_COMPRESSIBLE: Final = ("text/", "application/json", "image/svg+xml")


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file as file:
                body = file.read()
        response = HttpResponse(body, status=int(found.status), headers=dict(found.headers))
        if body:
            # The file may have changed since its headers were made.
            response["Content-Length"] = str(len(body))
        if "Content-Type" not in dict(found.headers):
            del response["Content-Type"]
        _compress(response, request)
        return response


def _compress(response: HttpResponse, request: HttpRequest) -> None:
    kind = response.get("Content-Type", "")
    if response.status_code != 200 or not kind.startswith(_COMPRESSIBLE):
        return
    response["Vary"] = "Accept-Encoding"
    accepted = "gzip" in request.headers.get("Accept-Encoding", "")
    if accepted and len(response.content) >= _WORTH_IT:
        response.content = _compressed(response.content)
        response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))


@lru_cache(maxsize=64)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
