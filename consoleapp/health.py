"""GET /health: whether each part of this copy answers. No sign-in, no secrets in the answer."""

import socket
from collections.abc import Callable
from typing import Final

import httpx
import redis
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from consoleapp.storage import s3

_FAULTS: Final = (
    OSError,
    DatabaseError,
    redis.RedisError,
    httpx.HTTPError,
    BotoCoreError,
    ClientError,
    RuntimeError,
)


def _database() -> None:
    for alias in ("default", "metrics"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")


def _redis() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
        client.ping()


def _gateway() -> None:
    httpx.get(f"{settings.GATEWAY_URL}/health", timeout=2, trust_env=False).raise_for_status()


def _ingest() -> None:
    host, port = settings.INGEST_ADDRESS.rsplit(":", 1)
    socket.create_connection((host, int(port)), timeout=2).close()


def _objects() -> None:
    s3.client().list_buckets()


PARTS: Final[dict[str, Callable[[], None]]] = {
    "database": _database,
    "redis": _redis,
    "gateway": _gateway,
    "ingest": _ingest,
    "objects": _objects,
}


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """200 with every part `ok`, else 503 naming the parts that do not answer."""
    parts = {name: _state(check) for name, check in PARTS.items()}
    well = all(state == "ok" for state in parts.values())
    return JsonResponse({"parts": parts}, status=200 if well else 503)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except _FAULTS as fault:
        return type(fault).__name__
    return "ok"
