"""InvokeEndpoint at the public address: streamed to the gateway, which verifies and answers it."""

import json
import logging
from typing import Final

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings

from consoleapp.aws.relay import (
    ClientGone,
    IncomingBody,
    Outgoing,
    Relay,
    Unreachable,
    end_to_end,
    pass_back,
)

logger = logging.getLogger(__name__)

# A model may take 60 s, and the gateway is the one to say so.
relay: Final = Relay(read_timeout_s=90.0)


async def handle(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Headers go on as they came, Host included: the signature covers them."""
    headers = [
        (name, value)
        for name, value in end_to_end(scope["headers"])
        # What lets the console's own clients in is not for callers from outside to try.
        if not name.startswith(b"x-console-")
    ]
    query = scope["query_string"]
    body = IncomingBody(scope["headers"], receive)
    outgoing = Outgoing(
        scope["method"],
        scope["raw_path"] + (b"?" + query if query else b""),
        headers,
        body.pieces() if body.expected else None,
    )
    try:
        response = await relay.ask(settings.GATEWAY_URL, outgoing)
    except ClientGone:
        return
    except Unreachable as unreachable:
        logger.warning("the gateway does not answer: %s", unreachable)
        await _unavailable(body, send)
    else:
        await pass_back(response, body, receive, send)


async def _unavailable(incoming: IncomingBody, send: ASGISendCallable) -> None:
    body = json.dumps({"Message": "The gateway does not answer. Try again."}).encode()
    ending = [] if await incoming.settle() else [(b"connection", b"close")]
    await send(
        {
            "type": "http.response.start",
            "status": 503,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"x-amzn-errortype", b"ServiceUnavailable"),
                *ending,
            ],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
