"""How values read on pages."""

from datetime import UTC, datetime, timedelta

import pytest

from consoleapp.templatetags import console


@pytest.mark.parametrize(
    ("status", "kind", "label"),
    [
        ("COMPLETED", "success", "Completed"),
        ("IN_PROGRESS", "in-progress", "In progress"),
        ("InProgress", "in-progress", "In progress"),
        ("InService", "success", "InService"),
        ("Creating", "in-progress", "Creating"),
        ("FAILED", "error", "Failed"),
        ("STOPPED", "stopped", "Stopped"),
        ("PENDING", "pending", "Pending"),
        ("PendingManualApproval", "pending", "Pending approval"),
        ("Invalid", "warning", "Invalid"),
        ("ALARM", "error", "In alarm"),
    ],
)
def test_a_status_has_a_look_and_a_word(status: str, kind: str, label: str) -> None:
    assert console.status_kind(status) == kind
    assert console.status_label(status) == label


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0.69, "$0.69"),
        (0.1, "$0.1"),
        (0.0464, "$0.0464"),
        (12.3, "$12.300"),
        (0.004, "$0.004"),
        (1.0332e-05, "$0.0000103"),
        (6.64e-08, "$0.0000000664"),
        (0, "$0"),
    ],
)
def test_dollars_keep_the_digits_that_matter(value: float | None, text: str) -> None:
    assert console.usd(value) == text


def test_a_million_inferences_have_a_price_one_can_picture() -> None:
    assert console.per_million(6.64e-08) == "$0.0664"


@pytest.mark.parametrize(
    ("latency_us", "text"),
    [(None, "-"), (3456, "3.46 ms"), (45678, "45.7 ms"), (1234567, "1,235 ms"), (0, "0.00 ms")],
)
def test_latency_is_milliseconds_with_the_unit(latency_us: float | None, text: str) -> None:
    assert console.milliseconds(latency_us) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0, "0 s"),
        (90, "1 min 30 s"),
        (4000, "1 h 6 min"),
        (timedelta(seconds=5), "5 s"),
    ],
)
def test_durations_read_as_people_say_them(value: float | timedelta | None, text: str) -> None:
    assert console.seconds(value) == text


def test_numbers_are_grouped_and_nothing_is_a_hyphen() -> None:
    assert console.grouped(29640.4) == "29,640"
    assert console.grouped(None) == "-"
    assert console.percent(None) == "-"
    assert console.share(0.125) == "12.5%"
    assert console.memory(4.0) == "4 GiB"


def test_moments_name_their_zone() -> None:
    at = datetime(2026, 11, 20, 7, 2, 51, tzinfo=UTC)
    assert console.moment(at) == "Nov 20, 2026, 07:02:51 UTC"
    assert console.log_time(1_795_000_000_123).endswith(".123")


def test_only_a_pair_that_asks_for_it_is_copied() -> None:
    assert console.wants_copy({"label": "ARN", "copy": True})
    assert not console.wants_copy({"label": "Status"})


def test_prices_of_a_column_have_equal_decimals() -> None:
    given = (0.23, 0.7364, 5.44, None)
    assert [console.price(one) for one in given] == ["$0.2300", "$0.7364", "$5.4400", "unknown"]
