"""When scheduled actions are due: at, rate and cron, in their time zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.schedule import BadSchedule, parse

ZONE = ZoneInfo("UTC")
#: A Friday.
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def due(text: str, since: datetime, until: datetime, zone: str = "UTC") -> bool:
    return parse(text, ZoneInfo(zone), NOON)(since, until)


def at(hour: int, minute: int = 0, second: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


def test_a_moment_is_due_once() -> None:
    text = "at(2026-11-20T12:00:00)"
    assert due(text, at(11, 59, 50), at(12))
    assert not due(text, at(12), at(12, 0, 10))
    assert not due(text, at(11), at(11, 59, 59))


def test_a_moment_is_of_its_zone() -> None:
    text = "at(2026-11-20T13:00:00)"
    assert due(text, at(11, 59), at(12), "Europe/Berlin")
    assert not due(text, at(12, 59), at(13), "Europe/Berlin")


def test_a_rate_counts_from_its_anchor() -> None:
    assert not due("rate(5 minutes)", at(12), at(12, 4, 59))
    assert due("rate(5 minutes)", at(12, 4, 59), at(12, 5))
    assert not due("rate(5 minutes)", at(12, 5), at(12, 9, 59))
    assert due("rate(1 hour)", at(12, 30), at(13, 30))
    # One whose start lies ahead is due when it comes.
    assert not due("rate(1 day)", at(10), at(11))
    assert due("rate(1 day)", at(11, 59, 55), at(12, 0, 5))


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        ("cron(0 12 * * ? *)", at(12), True),
        ("cron(0 12 * * ? *)", at(12, 1), False),
        ("cron(0/15 * * * ? *)", at(12, 45), True),
        ("cron(5/15 * * * ? *)", at(12, 15), False),
        ("cron(5/15 * * * ? *)", at(12, 20), True),
        ("cron(0 8-18 ? * MON-FRI *)", at(12), True),
        ("cron(0 8-18 ? * SAT,SUN *)", at(12), False),
        ("cron(0 12 ? * 6 *)", at(12), True),
        ("cron(0 12 20 11 ? 2026)", at(12), True),
        ("cron(0 12 20 NOV ? 2027)", at(12), False),
        ("cron(0 12 1,20,31 * ? *)", at(12), True),
    ],
)
def test_a_cron_expression_is_due_in_its_minutes(
    text: str, moment: datetime, expected: bool
) -> None:
    assert due(text, moment - timedelta(seconds=10), moment) is expected


def test_a_cron_expression_follows_its_zone_through_summer_time() -> None:
    text, berlin = "cron(0 9 * * ? *)", "Europe/Berlin"
    winter = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    summer = datetime(2026, 7, 20, 7, 0, tzinfo=UTC)
    for moment in (winter, summer):
        assert due(text, moment - timedelta(seconds=10), moment, berlin)


def test_what_was_due_while_nobody_looked_is_made_up_for_within_a_month() -> None:
    text = "cron(0 3 ? * SUN *)"
    assert due(text, at(12, day=13), at(12, day=17))
    assert not due(text, at(12, day=17), at(12, day=20))
    long_ago = NOON - timedelta(days=4_000)
    assert not due("cron(0 12 1 1 ? 2020)", long_ago, NOON)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "at(tomorrow)",
        "at(2026-11-20 12:00:00)",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "rate(-5 minutes)",
        "cron(0 12 * * *)",
        "cron(0 12 * * * *)",
        "cron(0 12 ? * ? *)",
        "cron(60 12 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 12 0 * ? *)",
        "cron(0 12 ? * 8 *)",
        "cron(0 12 * FOO ? *)",
        "cron(0 18-8 * * ? *)",
        "cron(*/0 * * * ? *)",
        "cron(? * * * ? *)",
        "cron(0 12 L * ? *)",
        "cron(0 12 ? * 6#3 *)",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(BadSchedule):
        parse(text, ZONE, NOON)


@given(
    text=st.sampled_from(["rate(7 minutes)", "cron(*/7 * * * ? *)", "at(2026-11-20T12:30:00)"]),
    cuts=st.lists(st.integers(1, 3_599), max_size=6),
)
def test_however_often_one_looks_nothing_is_missed_or_seen_twice(
    text: str, cuts: list[int]
) -> None:
    schedule = parse(text, ZONE, NOON)
    moments = [NOON + timedelta(seconds=s) for s in sorted({0, 3_600, *cuts})]
    seen = [schedule(a, b) for a, b in zip(moments, moments[1:], strict=False)]
    by_second = sum(
        schedule(NOON + timedelta(seconds=s - 1), NOON + timedelta(seconds=s))
        for s in range(1, 3_601)
    )
    assert 1 <= sum(seen) <= by_second
