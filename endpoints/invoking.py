"""InvokeEndpoint on behalf of people: pages and REST ask the gateway with the internal token."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx
from django.conf import settings
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, ValidationFailed
from consoleapp.accounts.models import Role
from endpoints import queries
from endpoints.models import Endpoint

#: The gateway itself gives a model 60 s, and says so when it takes longer.
_TIMEOUT: Final = httpx.Timeout(75.0, connect=5.0)
#: As the gateway has it; a longer body is sent on only to be refused in AWS's words.
BODY_LIMIT: Final = 6 * 1024 * 1024
_LONGEST_HEADER: Final = 1024


class GatewayUnreachable(CallerError):
    """No answer at all: nothing is known of the model."""

    code = "ServiceUnavailable"
    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """InvokeEndpoint's members; an empty one is left out."""

    body: bytes
    content_type: str = ""
    accept: str = ""
    target_variant: str = ""

    def headers(self) -> dict[str, str]:
        """Raises ValidationFailed for a value that no header can hold."""
        wanted = {
            "Content-Type": ("ContentType", self.content_type),
            "Accept": ("Accept", self.accept or "*/*"),
            "X-Amzn-SageMaker-Target-Variant": ("TargetVariant", self.target_variant),
        }
        for member, value in wanted.values():
            if not value.isascii() or not value.isprintable() or len(value) > _LONGEST_HEADER:
                raise ValidationFailed(
                    f"{member} must be at most {_LONGEST_HEADER} printable ASCII characters.",
                    field=member,
                )
        return {name: value for name, (_, value) in wanted.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, and who gave it: `variant` is empty when no variant was asked."""

    status: int
    body: bytes
    content_type: str
    variant: str
    request_id: str
    #: AWS's error code; empty for a success.
    error: str
    asked_at: datetime
    latency_s: float

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def message(self) -> str:
        """Of an error, what it says."""
        try:
            members = json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")
        if not isinstance(members, dict):
            return str(members)
        return str(members.get("Message") or members.get("message") or "")


def invoke(actor: Actor, *, name: str, invocation: Invocation) -> Answer:
    """One invocation, never repeated: it may have effects. A model's error is an answer too.

    Raises GatewayUnreachable when nothing is known of what became of it.
    """
    actor.must(Role.OPERATOR)
    endpoint = queries.endpoint(actor, name)
    headers = {**_headers(endpoint), **invocation.headers()}
    asked_at, began = timezone.now(), time.perf_counter()
    try:
        with httpx.Client(timeout=_TIMEOUT, trust_env=False) as client:
            url = f"{settings.GATEWAY_URL}/endpoints/{endpoint.name}/invocations"
            answer = client.post(url, content=invocation.body, headers=headers)
    except httpx.TransportError as problem:
        raise GatewayUnreachable(
            f"The gateway does not answer ({type(problem).__name__}). Try again."
        ) from problem
    return Answer(
        status=answer.status_code,
        body=answer.content,
        content_type=answer.headers.get("content-type", ""),
        variant=answer.headers.get("x-amzn-invoked-production-variant", ""),
        request_id=answer.headers.get("x-amzn-requestid", ""),
        error=answer.headers.get("x-amzn-errortype", ""),
        asked_at=asked_at,
        latency_s=time.perf_counter() - began,
    )


def _headers(endpoint: Endpoint) -> dict[str, str]:
    return {
        "X-Console-Token": settings.GATEWAY_TOKEN,
        "X-Console-Account": endpoint.team.account_id,
        "X-Console-Region": endpoint.region,
        # Compressed answers are of no use to one that shows them as they are.
        "Accept-Encoding": "identity",
    }
