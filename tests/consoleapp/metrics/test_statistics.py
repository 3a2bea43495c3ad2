"""Statistics by CloudWatch's names."""

import pytest

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics.statistics import percent_of, reading
from consoleapp.metrics.tally import Tally

TALLY = Tally(4, 10.0, 1.0, 4.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Average", 2.5),
        ("Sum", 10.0),
        ("Minimum", 1.0),
        ("Maximum", 4.0),
        ("Min", 1.0),
        ("Max", 4.0),
        ("SampleCount", 4.0),
        ("p99", None),
    ],
)
def test_each_statistic_reads_its_value(name: str, value: float | None) -> None:
    assert reading(name)(TALLY) == value


@pytest.mark.parametrize(("name", "percent"), [("p0", 0), ("p99.9", 99.9), ("p100", 100)])
def test_percentiles_are_read_from_their_name(name: str, percent: float) -> None:
    assert percent_of(name) == percent


@pytest.mark.parametrize("name", ["", "average", "p", "p101", "p-1", "P99", "p99.", "tm90", "p9x"])
def test_a_name_that_is_no_statistic_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(ValidationFailed, match="Average, Sum, Minimum, Maximum, SampleCount"):
        reading(name)
