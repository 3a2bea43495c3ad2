"""CloudWatch Logs of the console: groups, streams and events. The oldest events leave first."""

import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from consoleapp.metrics.models import LogEvent, LogStream

#: Events kept per stream: the newest tell why something failed.
MOST_EVENTS: Final = 20_000
LONGEST_MESSAGE: Final = 8_192
_CUT: Final = " ... (cut)"


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    timestamp_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream with the span of its events; None while it has none."""

    group: str
    name: str
    created_ms: int
    first_event_ms: int | None
    last_event_ms: int | None


def append(
    account: str,
    region: str,
    group: str,
    stream: str,
    message: str,
    timestamp_ms: int | None = None,
) -> None:
    """Adds one event; the stream comes to be with its first."""
    with transaction.atomic(using="metrics"):
        add_events(open_stream(account, region, group, stream), [message], timestamp_ms)


def events(  # noqa: PLR0913 - four name a stream, as at CloudWatch
    account: str,
    region: str,
    group: str,
    stream: str,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    limit: int = 1_000,
    after_id: int | None = None,
) -> list[Event]:
    """The oldest events of a range first. With `after_id`: those that came since, to follow."""
    found = _within(_of(account, region, group, stream), start_ms, end_ms)
    found = found.order_by("timestamp_ms", "id")
    if after_id is not None:
        # In order of arrival: a late event with an early time must not be passed over.
        found = found.filter(id__gt=after_id).order_by("id")
    return [Event(*row) for row in found.values_list("id", "timestamp_ms", "message")[:limit]]


def newest(  # noqa: PLR0913 - four name a stream, as at CloudWatch
    account: str,
    region: str,
    group: str,
    stream: str,
    *,
    limit: int,
    start_ms: int | None = None,
    end_ms: int | None = None,
    before_id: int | None = None,
) -> list[Event]:
    """The last events to arrive, oldest first. With `before_id`: the last ones before that."""
    found = _within(_of(account, region, group, stream), start_ms, end_ms).order_by("-id")
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return [Event(*row) for row in found.values_list("id", "timestamp_ms", "message")[:limit]][::-1]


def search(
    account: str,
    region: str,
    group: str,
    names: Sequence[str],
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    after: tuple[int, int] = (-1, 0),
) -> Iterator[tuple[str, Event]]:
    """The streams' events in order of time, each with its stream's name, as far as they are taken.

    `after`: the time and id of an event; those behind it come.
    """
    start = after[0] if start_ms is None else max(start_ms, after[0])
    found = (
        _named(name, _within(_of(account, region, group, name), start, end_ms)) for name in names
    )
    ordered = heapq.merge(*found, key=lambda each: (each[1].timestamp_ms, each[1].id))
    return (each for each in ordered if (each[1].timestamp_ms, each[1].id) > after)


def tail(account: str, region: str, group: str, stream: str, lines: int) -> list[str]:
    """The last lines of a stream, oldest first."""
    return [event.message for event in newest(account, region, group, stream, limit=lines)]


def exists(account: str, region: str, group: str, stream: str) -> bool:
    where = {"account": account, "region": region, "group": group, "name": stream}
    return LogStream.objects.filter(**where).exists()


def streams(account: str, region: str, group_prefix: str = "") -> list[Stream]:
    found = (
        LogStream.objects.filter(account=account, region=region, group__startswith=group_prefix)
        .annotate(first=_end_of_stream("timestamp_ms"), last=_end_of_stream("-timestamp_ms"))
        .order_by("group", "name")
    )
    return [
        Stream(s.group, s.name, int(s.created_at.timestamp() * 1000), s.first, s.last)
        for s in found
    ]


def open_stream(account: str, region: str, group: str, name: str) -> LogStream:
    return LogStream.objects.get_or_create(account=account, region=region, group=group, name=name)[
        0
    ]


def add_events(stream: LogStream, messages: Sequence[str], timestamp_ms: int | None = None) -> None:
    """Adds events to an open stream, in the caller's transaction."""
    at = int(time.time() * 1000) if timestamp_ms is None else timestamp_ms
    LogEvent.objects.bulk_create(
        [LogEvent(stream=stream, timestamp_ms=at, message=_storable(m)) for m in messages],
        batch_size=500,
    )


def trim(stream: LogStream, most: int = MOST_EVENTS) -> int:
    """Removes the oldest events beyond `most`; says how many went."""
    kept = LogEvent.objects.filter(stream=stream).order_by("-id")
    newest_gone = kept.values_list("id", flat=True)[most : most + 1].first()
    if newest_gone is None:
        return 0
    return LogEvent.objects.filter(stream=stream, id__lte=newest_gone).delete()[0]


def _of(account: str, region: str, group: str, stream: str) -> QuerySet[LogEvent]:
    return LogEvent.objects.filter(
        stream__account=account, stream__region=region, stream__group=group, stream__name=stream
    )


def _within(
    found: QuerySet[LogEvent], start_ms: int | None, end_ms: int | None
) -> QuerySet[LogEvent]:
    if start_ms is not None:
        found = found.filter(timestamp_ms__gte=start_ms)
    return found if end_ms is None else found.filter(timestamp_ms__lt=end_ms)


def _named(name: str, found: QuerySet[LogEvent]) -> Iterator[tuple[str, Event]]:
    rows = found.order_by("timestamp_ms", "id").values_list("id", "timestamp_ms", "message")
    return ((name, Event(*row)) for row in rows.iterator(chunk_size=500))


def _end_of_stream(order: str) -> Subquery:
    # One look into the index for each stream, where an aggregate would read every event.
    events = LogEvent.objects.filter(stream=OuterRef("pk")).order_by(order)
    return Subquery(events.values("timestamp_ms")[:1])


def _storable(message: str) -> str:
    # PostgreSQL stores no NUL.
    message = message.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(message) <= LONGEST_MESSAGE:
        return message
    return message[: LONGEST_MESSAGE - len(_CUT)] + _CUT
