"""The control plane's wire: authenticate, read, check, call a service, write the answer.

Mounted by asgi.py before Django. Only CallerError crosses from services to the wire; anything else
is logged with its request id and answered as InternalFailure.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils.module_loading import import_string

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, LimitExceeded
from consoleapp.aws import answers, authentication, call
from consoleapp.aws.answers import Protocol
from consoleapp.aws.canonical import Request, joined
from consoleapp.aws.faults import INTERNAL, Fault, NotImplementedHere
from consoleapp.aws.relay import ClientGone, IncomingBody, told_length
from consoleapp.storage import patience

#: What an operation is: it gets the actor and the checked input, and gives the output's members.
Operation = Callable[[Actor, dict[str, Any]], Mapping[str, Any] | None]

log = logging.getLogger(__name__)
_LARGEST_BODY: Final = 4 * 1024 * 1024
_READS: Final = ("Describe", "List", "Get")


@lru_cache(maxsize=1)
def operations() -> dict[str, dict[str, Operation]]:
    """Service -> operation -> function, gathered from the tables that settings name."""
    gathered: dict[str, dict[str, Operation]] = {}
    for path in settings.AWS_OPERATIONS:
        for service, table in import_string(path).items():
            gathered.setdefault(service, {}).update(table)
    return gathered


async def handle(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """One request of boto3, the AWS CLI or an SDK."""
    request = Request(
        method=scope["method"].encode(),
        path=scope["raw_path"],
        query=scope["query_string"],
        headers=joined(scope["headers"]),
    )
    incoming = IncomingBody(scope["headers"], receive)
    try:
        authentication.check_signed(request, call.protocol_of(_words(request)))
        body = await _read(request, incoming)
    except ClientGone:
        return
    except CallerError as error:
        protocol = call.protocol_of(_words(request))
        refused = _failed(protocol, Fault.of(error), str(uuid.uuid4()))
        ending = () if await incoming.settle() else ((b"connection", b"close"),)
        await _send(send, replace(refused, headers=(*refused.headers, *ending)))
        return
    # A plain thread: nothing here asks for the context that sync_to_async carries over.
    answer = await asyncio.get_running_loop().run_in_executor(None, respond, request, body)
    await _send(send, answer)


def respond(request: Request, body: bytes) -> "Answer":
    """The whole of one call, from the signature to the bytes of the answer."""
    request_id = str(uuid.uuid4())
    words = _words(request)
    protocol = call.protocol_of(words)
    called: call.Called | None = None
    close_old_connections()
    try:
        # The signature is of the body as it came.
        plain = call.unpacked(words, body, _LARGEST_BODY)
        called = call.read(request.path.decode("latin-1"), words, plain)
        protocol = called.protocol
        actor = authentication.actor_of(request, body, protocol)
        return _called(called, actor, request_id)
    except CallerError as error:
        return _failed(protocol, Fault.of(error, called.model if called else None), request_id)
    except Exception:
        log.exception("request %s failed", request_id)
        return _failed(protocol, INTERNAL, request_id)
    finally:
        close_old_connections()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def _called(called: call.Called, actor: Actor, request_id: str) -> Answer:
    operation = called.operation
    function = operations().get(called.service, {}).get(called.name)
    if function is None:
        raise NotImplementedHere(
            f"{called.service}:{called.name} is not part of this console; see docs/coverage.md."
        )
    with patience.short():
        result = _run(function, called, actor)
    body = answers.body(called.protocol, operation, result, request_id)
    kind = answers.content_type(called.protocol, called.json_version)
    return Answer(200, _headers(called.protocol, kind, request_id), body)


def _run(function: Operation, called: call.Called, actor: Actor) -> Mapping[str, Any] | None:
    params = called.params()
    if called.name.startswith(_READS):
        return function(actor, params)
    # A resource and its tags, say: both or neither.
    with transaction.atomic():
        return function(actor, params)


def _failed(protocol: Protocol, fault: Fault, request_id: str) -> Answer:
    kind = answers.content_type(protocol)
    extra = ((b"x-amzn-errortype", fault.code.encode()),)
    body = answers.error_body(protocol, fault, request_id)
    return Answer(fault.status, (*_headers(protocol, kind, request_id), *extra), body)


def _headers(protocol: Protocol, kind: str, request_id: str) -> tuple[tuple[bytes, bytes], ...]:
    told = ((b"content-type", kind.encode()), (b"x-amzn-requestid", request_id.encode()))
    if protocol is Protocol.CBOR:
        return (*told, (b"smithy-protocol", b"rpc-v2-cbor"))
    return told


def _words(request: Request) -> dict[str, str]:
    return {
        name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.items()
    }


async def _read(request: Request, body: IncomingBody) -> bytes:
    """Raises LimitExceeded, before anything is read where the length is told."""
    _check_size(told_length(request.headers))
    parts: list[bytes] = []
    size = 0
    async for piece in body.pieces():
        parts.append(piece)
        size += len(piece)
        _check_size(size)
    return b"".join(parts)


def _check_size(size: int) -> None:
    if size > _LARGEST_BODY:
        raise LimitExceeded(f"The request is larger than {_LARGEST_BODY} bytes.")


async def _send(send: ASGISendCallable, answer: Answer) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [*answer.headers, (b"content-length", str(len(answer.body)).encode())],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
