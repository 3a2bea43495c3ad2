"""Users beyond what one worker drives: several workers drive shares of them, through Redis.

The coordinator (the attempt) is one of them; it tells the others when to begin, hears their
reports and tells them to stop. When it falls silent they stop by themselves.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

import redis
from django.conf import settings

from recommender.loadtest.driver import Driver
from recommender.loadtest.report import SecondReport
from recommender.loadtest.spec import LoadSpec

#: How long the coordinator waits for helpers; whoever is late is driven by the coordinator.
JOIN_S: Final = 8.0
_SILENT_S: Final = 5
_KEEP_S: Final = 600
_POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Meeting:
    """The keys by which the workers of one attempt meet."""

    attempt_id: str

    def key(self, name: str) -> str:
        return f"loadtest:{self.attempt_id}:{name}"

    def joined(self, store: redis.Redis) -> set[int]:
        return {int(index) for index in cast("set[str]", store.smembers(self.key("joined")))}

    def begin(self, store: redis.Redis, specs: dict[int, LoadSpec]) -> None:
        """Hands each helper its share of the load."""
        for index, spec in specs.items():
            store.hset(self.key("shares"), str(index), spec.to_json())
        store.set(self.key("go"), "1", ex=_KEEP_S)
        store.expire(self.key("shares"), _KEEP_S)

    def beat(self, store: redis.Redis) -> None:
        store.set(self.key("alive"), "1", ex=_SILENT_S)

    def stop(self, store: redis.Redis) -> None:
        store.set(self.key("stop"), "1", ex=_KEEP_S)

    def reports(self, store: redis.Redis) -> Iterator[SecondReport]:
        while line := cast("str | None", store.lpop(self.key("reports"))):
            yield SecondReport.from_line(line.encode())


def connect() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=3)


def drive_share(attempt_id: str, index: int) -> None:
    """Drives one share of an attempt's users, as long as its coordinator lives and wants it."""
    meeting, store = Meeting(attempt_id), connect()
    store.sadd(meeting.key("joined"), index)
    store.expire(meeting.key("joined"), _KEEP_S)
    spec = _wait_for_spec(meeting, store, index)
    if spec is None:
        return
    with Driver(spec) as driver:
        while not driver.ended:
            _push(meeting, store, driver.poll(_POLL_S))
            if store.exists(meeting.key("stop")) or not store.exists(meeting.key("alive")):
                _push(meeting, store, driver.stop())


def _wait_for_spec(meeting: Meeting, store: redis.Redis, index: int) -> LoadSpec | None:
    deadline = time.monotonic() + 2 * JOIN_S
    while time.monotonic() < deadline:
        if store.exists(meeting.key("go")):
            text = cast("str | None", store.hget(meeting.key("shares"), str(index)))
            return LoadSpec.from_json(text) if text else None
        time.sleep(_POLL_S)
    return None


def _push(meeting: Meeting, store: redis.Redis, reports: list[SecondReport]) -> None:
    for report in reports:
        store.rpush(meeting.key("reports"), report.to_line().decode())
    if reports:
        store.expire(meeting.key("reports"), _KEEP_S)
