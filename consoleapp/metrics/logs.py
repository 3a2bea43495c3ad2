"""CloudWatch Logs of the console: groups, streams and events. The oldest events leave first."""

import time
from collections.abc import Sequence
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
    found = _of(account, region, group, stream).order_by("timestamp_ms", "id")
    if start_ms is not None:
        found = found.filter(timestamp_ms__gte=start_ms)
    if end_ms is not None:
        found = found.filter(timestamp_ms__lt=end_ms)
    if after_id is not None:
        # In order of arrival: a late event with an early time must not be passed over.
        found = found.filter(id__gt=after_id).order_by("id")
    return [Event(*row) for row in found.values_list("id", "timestamp_ms", "message")[:limit]]


def newest(account: str, region: str, group: str, stream: str, *, limit: int) -> list[Event]:
    """The last events to arrive, oldest first."""
    found = _of(account, region, group, stream).order_by("-id")
    return [Event(*row) for row in found.values_list("id", "timestamp_ms", "message")[:limit]][::-1]


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
