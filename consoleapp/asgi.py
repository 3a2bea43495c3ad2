"""The split before Django: AWS's requests here, people's and REST's there; bodies stream.

What is AWS's never meets Django's middleware: an unsigned call gets AWS's error, no login page.
"""

import os
import re
from collections.abc import Awaitable, Callable
from typing import Final

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")
_django = get_asgi_application()

# Only from here on can rows be imported.
from consoleapp import bodies, invocations  # noqa: E402
from consoleapp.aws import dispatch  # noqa: E402
from consoleapp.aws.canonical import joined  # noqa: E402
from consoleapp.aws.sigv2 import is_header, is_presigned  # noqa: E402
from consoleapp.aws.sigv4 import is_signed  # noqa: E402
from consoleapp.storage import passthrough  # noqa: E402

Door = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]
_INVOCATION: Final = re.compile(
    rb"/endpoints/[^/]+/(?:invocations|invocations-response-stream|async-invocations)"
)
_S3_SCOPE: Final = re.compile(rb"(?:/|%2F)s3(?:/|%2F)aws4_request", re.IGNORECASE)


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await door(scope)(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 1000, "reason": "no WebSocket here"})


def door(scope: HTTPScope) -> Door:
    """Who answers, decided by path and headers alone: the body is not read here."""
    headers = joined(scope["headers"])
    if _INVOCATION.fullmatch(scope["raw_path"]):
        return invocations.handle
    if is_presigned(scope["query_string"]) or is_header(headers):
        return passthrough.handle
    if is_signed(headers, scope["query_string"]):
        signed_as = headers.get(b"authorization", b"") + b" " + scope["query_string"]
        return passthrough.handle if _S3_SCOPE.search(signed_as) else dispatch.handle
    # No page and no REST call is POSTed to the root: a form there is AWS's query protocol.
    to_root = scope["path"] == "/" and scope["method"] == "POST"
    if to_root or b"x-amz-target" in headers or b"smithy-protocol" in headers:
        return dispatch.handle
    return _people


async def _people(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    await bodies.bounded(_django, scope, receive, send)  # type: ignore[arg-type]


async def _lifespan(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif event["type"] == "lifespan.shutdown":
            await invocations.relay.aclose()
            await passthrough.relay.aclose()
            await send({"type": "lifespan.shutdown.complete"})
            return
