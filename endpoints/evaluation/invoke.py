"""Sends rows to one variant through the gateway, as the console's own client."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import httpx
from django.conf import settings

from endpoints.models import Endpoint

#: Invocations of one evaluation at a time.
CONCURRENCY: Final = 8
#: The gateway itself gives a model 60 s.
_TIMEOUT: Final = httpx.Timeout(75.0, connect=5.0)
_BUSY: Final = 503
_PAUSES_S: Final = (0.1, 0.3, 1.0, 2.0)


class GatewayUnreachable(Exception):
    """No answer at all: nothing is known of the model, so the row does not count as failed."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    content_type: str


class Gateway:
    """Thread-safe. Use as a context manager."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._path = f"/endpoints/{endpoint.name}/invocations"
        self._client = httpx.Client(
            base_url=settings.GATEWAY_URL,
            headers={
                "X-Console-Token": settings.GATEWAY_TOKEN,
                "X-Console-Account": endpoint.team.account_id,
                "X-Console-Region": endpoint.region,
                "Content-Type": "text/csv",
                "Accept": "text/csv, application/json;q=0.9, */*;q=0.1",
            },
            limits=httpx.Limits(max_connections=CONCURRENCY),
            timeout=_TIMEOUT,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, variant: str, payload: bytes) -> Reply:
        """The last reply: a busy variant is asked again. Raises GatewayUnreachable."""
        reply = self._once(variant, payload)
        for pause_s in _PAUSES_S:
            if reply.status != _BUSY:
                break
            time.sleep(pause_s)
            reply = self._once(variant, payload)
        return reply

    def _once(self, variant: str, payload: bytes) -> Reply:
        headers = {"X-Amzn-SageMaker-Target-Variant": variant}
        try:
            answer = self._client.post(self._path, content=payload, headers=headers)
        except httpx.TransportError as problem:
            raise GatewayUnreachable(str(problem) or type(problem).__name__) from problem
        return Reply(answer.status_code, answer.content, answer.headers.get("content-type", ""))
