"""The check before any test: one payload, sent once, must be answered 2xx.

It goes the way the traffic goes, through the gateway to the first test's endpoint.
"""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from recommender import joblog
from recommender.errors import TestFailed
from recommender.models import Job
from recommender.plan import Plan

_TIMEOUT_S: Final = 65.0
#: The gateway learns of a new endpoint within a second; a restart of it takes a few.
_PATIENCE_S: Final = 15.0
_RETRY_S: Final = 0.3
#: What a container printed reaches the log store within about two seconds.
_LOGS_WAIT_S: Final = 2.0
_SHOWN: Final = 2048


@dataclass(frozen=True, slots=True)
class Answer:
    """What the container (or the gateway in its place) said."""

    status: int
    text: str
    code: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class NotRouted(Exception):
    """The gateway is away, or does not know the endpoint yet."""


def check(job: Job, plan: Plan, endpoint_name: str, payload: Path) -> Answer:
    """The answer to one payload. Raises TestFailed with reason, payload, answer and last log lines.

    Waits a few seconds for the gateway to know the endpoint.
    """
    answer = _patiently(lambda: _send(job, plan, endpoint_name, payload))
    if not answer.ok:
        time.sleep(_LOGS_WAIT_S)
        raise TestFailed(
            f"The container answered {answer.status} to the sample payload {payload.name}:"
            f" {answer.text[:300]}",
            {
                "payload": payload.name,
                "status": answer.status,
                "answer": answer.text,
                "log_lines": joblog.container_tail(job, endpoint_name),
            },
        )
    return answer


def invocation_headers(job: Job, plan: Plan) -> dict[str, str]:
    """How the console's own traffic names itself at the gateway."""
    headers = {
        "X-Console-Token": settings.GATEWAY_TOKEN,
        "X-Console-Account": job.team.account_id,
        "X-Console-Region": job.region,
    }
    if plan.accept:
        headers["Accept"] = plan.accept
    return headers


def invocation_path(endpoint_name: str) -> str:
    return f"/endpoints/{endpoint_name}/invocations"


def _patiently(send: Callable[[], Answer]) -> Answer:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return send()
        except NotRouted as away:
            if time.monotonic() >= deadline:
                raise TestFailed(f"The gateway did not take the sample payload: {away}") from away
            time.sleep(_RETRY_S)


def _send(job: Job, plan: Plan, endpoint_name: str, payload: Path) -> Answer:
    address = urlsplit(settings.GATEWAY_URL)
    connection = http.client.HTTPConnection(
        address.hostname or "127.0.0.1", address.port, timeout=_TIMEOUT_S
    )
    headers = invocation_headers(job, plan) | {"Content-Type": plan.content_type}
    try:
        connection.request("POST", invocation_path(endpoint_name), payload.read_bytes(), headers)
        response = connection.getresponse()
        body = response.read(_SHOWN * 4)
    except TimeoutError:
        return Answer(0, f"no answer within {_TIMEOUT_S:g} s")
    except (OSError, http.client.HTTPException) as error:
        raise NotRouted(str(error) or type(error).__name__) from error
    finally:
        connection.close()
    return read_answer(response.status, response.getheader("x-amzn-ErrorType") or "", body)


def read_answer(status: int, code: str, body: bytes) -> Answer:
    """The container's own words out of AWS's error envelope. Raises NotRouted where the gateway
    does not serve the endpoint (yet)."""
    text = body.decode(errors="replace")[:_SHOWN]
    members = _members(body) if code else {}
    if code == "ModelError" and members:
        original = members.get("OriginalMessage") or members.get("Message") or text
        return Answer(int(members.get("OriginalStatusCode") or 0), str(original)[:_SHOWN], code)
    message = str(members.get("Message") or members.get("message") or text)
    if code in ("ServiceUnavailable", "ValidationError") and status in (400, 404, 503):
        raise NotRouted(message)
    return Answer(status, message, code)


def _members(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
