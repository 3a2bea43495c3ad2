"""Log streams and their events."""

import pytest

from consoleapp.metrics import logs
from consoleapp.metrics.models import LogEvent
from tests.consoleapp.metrics.samples import ACCOUNT, REGION

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

WHERE = (ACCOUNT, REGION, "/aws/sagemaker/InferenceRecommendationsJobs", "job/execution")


def test_events_come_oldest_first_within_their_range() -> None:
    for at in (3_000, 1_000, 2_000, 4_000):
        logs.append(*WHERE, f"at {at}", timestamp_ms=at)
    assert [e.message for e in logs.events(*WHERE)] == ["at 1000", "at 2000", "at 3000", "at 4000"]
    found = logs.events(*WHERE, start_ms=2_000, end_ms=4_000)
    assert [e.timestamp_ms for e in found] == [2_000, 3_000]
    assert len(logs.events(*WHERE, limit=2)) == 2


def test_following_gives_what_came_since_even_when_its_time_is_early() -> None:
    logs.append(*WHERE, "first", timestamp_ms=5_000)
    last = logs.events(*WHERE)[-1].id
    logs.append(*WHERE, "late news", timestamp_ms=1_000)
    assert [e.message for e in logs.events(*WHERE, after_id=last)] == ["late news"]


def test_the_tail_is_the_newest_lines_oldest_first() -> None:
    for number in range(10):
        logs.append(*WHERE, f"line {number}")
    assert logs.tail(*WHERE, 3) == ["line 7", "line 8", "line 9"]
    assert logs.tail(*WHERE[:3], "no such stream", 3) == []


def test_streams_are_listed_by_the_beginning_of_their_group() -> None:
    logs.append(*WHERE, "a", timestamp_ms=1_000)
    logs.append(*WHERE, "b", timestamp_ms=9_000)
    logs.append(ACCOUNT, REGION, "/other", "s", "c")
    (found,) = logs.streams(ACCOUNT, REGION, "/aws/sagemaker/")
    assert (found.group, found.name) == WHERE[2:]
    assert (found.first_event_ms, found.last_event_ms) == (1_000, 9_000)
    assert len(logs.streams(ACCOUNT, REGION)) == 2


def test_another_account_or_region_sees_nothing() -> None:
    logs.append(*WHERE, "secret")
    assert logs.events("999999999999", *WHERE[1:]) == []
    assert logs.events(ACCOUNT, "eu-west-1", *WHERE[2:]) == []
    assert logs.streams("999999999999", REGION) == []


def test_a_long_message_is_cut_and_a_null_replaced() -> None:
    logs.append(*WHERE, "x" * 100_000)
    logs.append(*WHERE, "a\0b")
    long, null = logs.tail(*WHERE, 2)
    assert len(long) == logs.LONGEST_MESSAGE
    assert long.endswith("(cut)")
    assert null == "a\N{REPLACEMENT CHARACTER}b"


def test_trimming_keeps_the_newest() -> None:
    for number in range(10):
        logs.append(*WHERE, f"line {number}")
    stream = LogEvent.objects.first().stream
    assert logs.trim(stream, most=4) == 6
    assert logs.tail(*WHERE, 10) == ["line 6", "line 7", "line 8", "line 9"]
    assert logs.trim(stream, most=4) == 0
