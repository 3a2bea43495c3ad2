"""How much anyone may send to pages and REST: Django keeps a body whole before it looks at it.

Nobody without a name here makes it write to disk; the others are held to their team's quotas.
Refused as early as can be: by Content-Length before a byte of the body is read.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

from asgiref.typing import ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, HTTPScope
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.authentication import TokenAuthentication
from consoleapp.accounts.models import User
from consoleapp.accounts.sessions import actor_of_session
from consoleapp.accounts.threads import in_thread
from consoleapp.aws.canonical import joined
from consoleapp.aws.relay import IncomingBody, told_length
from endpoints.evaluation import labelled

Application = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]

_MIB: Final = 2**20
#: Up to here Django keeps a body in memory: anyone may sign in by a form.
ANYONE: Final[int] = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
#: What is no upload is read into memory whole; an invocation may have 6 MiB.
_NO_FILES: Final = 8 * _MIB
#: A form's other fields, and what is between them.
_AROUND_A_FILE: Final = _MIB
_UPLOADS: Final = ("storage.upload_mib.max", "payload.archive_mib.max")


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


async def bounded(
    application: Application,
    scope: HTTPScope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
) -> None:
    """One request of a person or a REST client, unless its body is more than they may send."""
    body = _Body(scope, receive)
    await application(scope, body.receive, send)
    if body.refused is not None:
        ending = () if await body.settle() else ((b"connection", b"close"),)
        await _refuse(body.refused, scope["path"], ending, send)


class _Body:
    """A body as it comes. Who sends it is asked once it is more than anyone may send."""

    def __init__(self, scope: HTTPScope, receive: ASGIReceiveCallable) -> None:
        self._size = told_length(joined(scope["headers"]))
        self._scope, self._receive = scope, receive
        self._most, self._known = ANYONE, False
        self._came = 0
        self._finished = False
        #: Set once the body is more than it may be; whoever reads it is told that its sender left.
        self.refused: _Refused | None = None

    async def receive(self) -> ASGIReceiveEvent:
        try:
            await self._check()
            event = await self._receive()
            if event["type"] == "http.request":
                self._came += len(event["body"])
                self._finished = not event["more_body"]
                self._size = max(self._size, self._came)
                await self._check()
        except _Refused as refused:
            self.refused = refused
            return {"type": "http.disconnect"}
        return event

    async def settle(self) -> bool:
        """Before an answer: whether the connection can go on after it."""
        return self._finished or await IncomingBody(self._scope["headers"], self._receive).settle()

    async def _check(self) -> None:
        if self._size <= self._most:
            return
        if not self._known:
            self._most, self._known = await in_thread(lambda: _most_of(self._scope)), True
        if self._size > self._most:
            message = f"The request is larger than the {self._most // _MIB} MiB that it may have."
            raise _Refused(413, "RequestEntityTooLarge", message)


def _most_of(scope: HTTPScope) -> int:
    """Bytes that whoever asks may send. Raises _Refused for nobody."""
    actor = _actor(scope)
    if actor is None:
        raise _Refused(401, "MissingAuthenticationToken", "Sign in before you send so much.")
    kind = joined(scope["headers"]).get(b"content-type", b"")
    if not kind.lower().startswith(b"multipart/form-data"):
        return _NO_FILES
    largest = max(int(quotas.limit(actor.team, code) * _MIB) for code in _UPLOADS)
    return max(largest, labelled.MAX_BYTES) + _AROUND_A_FILE


def _actor(scope: HTTPScope) -> Actor | None:
    """As the middleware and REST will find it; None for nobody, and for who has no team."""
    with suppress(AuthenticationFailed, UnicodeDecodeError):
        request: Any = ASGIRequest(scope, BytesIO())
        if TokenAuthentication().authenticate(Request(request)) is not None:
            found: Actor = request.actor
            return found
        SessionMiddleware(lambda _: HttpResponse()).process_request(request)
        user = get_user(request)
        return actor_of_session(user, request.session) if isinstance(user, User) else None
    return None


async def _refuse(
    refused: _Refused, path: str, ending: Iterable[tuple[bytes, bytes]], send: ASGISendCallable
) -> None:
    kind, text = b"text/plain; charset=utf-8", refused.message
    if path.startswith("/api/"):
        kind = b"application/json"
        text = json.dumps({"code": refused.code, "message": refused.message, "field": ""})
    headers = [(b"content-type", kind), (b"content-length", str(len(text.encode())).encode())]
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Token"))
    await send(
        {
            "type": "http.response.start",
            "status": refused.status,
            "headers": [*headers, *ending],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})
