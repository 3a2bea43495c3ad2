"""What is kept how long: seconds become minutes, minutes and logs leave."""

import time
from datetime import UTC, datetime
from typing import Final

from django.db.models import Q

from consoleapp import env
from consoleapp.metrics.logs import trim
from consoleapp.metrics.models import (
    AlarmHistory,
    LogEvent,
    LogStream,
    MinuteSample,
    Sample,
    Series,
)
from consoleapp.metrics.series import key_of
from consoleapp.metrics.store import merge_rows, rows_of, writing
from consoleapp.metrics.tally import Tally

SECONDS_KEPT_S: Final = env.number("METRICS_SECONDS_KEPT_S", 86_400)
MINUTES_KEPT_S: Final = env.number("METRICS_MINUTES_KEPT_S", 90 * 86_400)
LOGS_KEPT_S: Final = env.number("LOGS_KEPT_S", 30 * 86_400)

# The ingest waits for the same lock and has a second: a transaction stays far below that.
_ROWS_AT_ONCE: Final = 1_200


def apply(now: float | None = None) -> None:
    """Does everything that is due. Running it twice, or late, changes nothing."""
    moment = int(time.time() if now is None else now)
    for series_id in Series.objects.values_list("id", flat=True):
        roll_up(series_id, moment - SECONDS_KEPT_S)
        _drop_minutes(series_id, moment - MINUTES_KEPT_S)
    _drop_silent_series(moment - MINUTES_KEPT_S)
    _drop_logs(moment - LOGS_KEPT_S)
    AlarmHistory.objects.filter(at__lt=_utc(moment - LOGS_KEPT_S)).delete()


def roll_up(series_id: int, before: int) -> int:
    """Turns the series' seconds before a time (rounded down to a minute) into minutes; says how
    many seconds went. A second that comes late is simply added to its minute by the next call."""
    end = key_of(series_id, before - before % 60)
    went = 0
    while rows := _roll_up_some(series_id, end):
        went += rows
    return went


def _roll_up_some(series_id: int, end: int) -> int:
    with writing():
        oldest = Sample.objects.filter(key__gte=key_of(series_id, 0), key__lt=end).order_by("key")
        keys = list(oldest.values_list("key", flat=True)[:_ROWS_AT_ONCE])
        if not keys:
            return 0
        span = {"key__gte": keys[0], "key__lte": keys[-1]}
        merge_rows(MinuteSample, _minutes(span))
        Sample.objects.filter(**span).delete()
    return len(keys)


def _minutes(span: dict[str, int]) -> dict[int, Tally]:
    minutes: dict[int, Tally] = {}
    for key, tally in rows_of(Sample, **span):
        # The series' bits of a key are a multiple of 2**32, which 60 does not divide.
        minute = key - (key & 0xFFFFFFFF) % 60
        known = minutes.setdefault(minute, tally)
        if known is not tally:
            known.merge(tally)
    return minutes


def _drop_minutes(series_id: int, before: int) -> None:
    MinuteSample.objects.filter(
        key__gte=key_of(series_id, 0), key__lt=key_of(series_id, before)
    ).delete()


def _drop_silent_series(before: int) -> None:
    Series.objects.filter(last_second__lt=before).delete()


def _drop_logs(before: int) -> None:
    LogEvent.objects.filter(timestamp_ms__lt=before * 1000).delete()
    silent = Q(events__isnull=True, files__isnull=True)
    LogStream.objects.filter(silent, created_at__lt=_utc(before)).delete()
    for stream in LogStream.objects.all():
        trim(stream)


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
