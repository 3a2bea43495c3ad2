"""The Redis of this copy, as the control plane uses it: it gives up at once, sweeps ask again."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=5,
        socket_connect_timeout=2,
        # One more try meets a connection that went stale. The default of many, with pauses, would
        # hold up a page for six seconds when Redis is down.
        retry=Retry(NoBackoff(), 1),
    )


def is_up() -> bool:
    try:
        return bool(client().ping())
    except redis.RedisError:
        return False
