"""Roll-up and retention."""

import pytest

from consoleapp.metrics import logs, retention
from consoleapp.metrics.models import LogEvent, LogStream, MinuteSample, Sample, Series
from tests.consoleapp.metrics.samples import ACCOUNT, REGION, make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

NOON = 1_763_640_000
DAY = 86_400


def test_old_seconds_become_minutes_and_young_ones_stay() -> None:
    store(*(make_sample([float(n)], second=NOON + n) for n in range(180)))
    retention.apply(NOON + DAY + 130)
    assert Sample.objects.count() == 60
    assert list(MinuteSample.objects.order_by("key").values_list("count", "total")) == [
        (60, sum(range(60))),
        (60, sum(range(60, 120))),
    ]


def test_running_it_again_changes_nothing() -> None:
    store(*(make_sample([float(n)], second=NOON + n) for n in range(120)))
    for _ in range(3):
        retention.apply(NOON + 2 * DAY)
    assert [row.count for row in MinuteSample.objects.all()] == [60, 60]


def test_a_late_second_is_added_to_its_minute() -> None:
    store(make_sample([1.0, 2.0], second=NOON))
    retention.apply(NOON + 2 * DAY)
    store(make_sample([9.0], second=NOON + 30))
    retention.apply(NOON + 2 * DAY)
    minute = MinuteSample.objects.get()
    assert (minute.count, minute.maximum) == (3, 9.0)
    assert bytes(minute.sketch) == make_sample([1.0, 2.0, 9.0]).sketch.to_bytes()
    assert not Sample.objects.exists()


def test_more_rows_than_one_transaction_takes_are_rolled_up() -> None:
    store(*(make_sample(second=NOON + n) for n in range(3_000)))
    assert retention.roll_up(Series.objects.get().pk, NOON + 3_000) == 3_000
    assert set(MinuteSample.objects.values_list("count", flat=True)) == {60}
    assert MinuteSample.objects.count() == 50


def test_percentiles_of_single_values_survive_the_roll_up() -> None:
    store(*(make_sample([float(n)], second=NOON + n, sketched=False) for n in range(60)))
    retention.apply(NOON + 2 * DAY)
    assert MinuteSample.objects.get().sketch is not None


def test_old_minutes_and_silent_series_leave() -> None:
    store(make_sample(second=NOON), make_sample(second=NOON + 100 * DAY, name="Invocations"))
    retention.apply(NOON + 100 * DAY)
    assert not MinuteSample.objects.exists()
    assert [series.name for series in Series.objects.all()] == ["Invocations"]
    assert Sample.objects.count() == 1


def test_old_events_leave_and_an_empty_stream_follows() -> None:
    logs.append(ACCOUNT, REGION, "g", "old", "line", timestamp_ms=NOON * 1000)
    logs.append(ACCOUNT, REGION, "g", "young", "line")
    LogStream.objects.filter(name="old").update(created_at="2020-01-01T00:00:00Z")
    retention.apply()
    assert [event.stream.name for event in LogEvent.objects.all()] == ["young"]
    assert [stream.name for stream in LogStream.objects.all()] == ["young"]
