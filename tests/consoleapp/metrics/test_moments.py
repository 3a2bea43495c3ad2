"""Times in queries."""

import pytest

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics.moments import unix_seconds


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("1763640000", 1_763_640_000),
        ("1763640000.5", 1_763_640_000.5),
        ("2025-11-20T12:00:00Z", 1_763_640_000),
        ("2025-11-20T12:00:00", 1_763_640_000),
        ("2025-11-20T14:00:00+02:00", 1_763_640_000),
    ],
)
def test_seconds_and_iso_times_are_read(text: str, second: float) -> None:
    assert unix_seconds(text, field="start") == second


@pytest.mark.parametrize("text", ["yesterday", "nan", "inf", "-inf", "1e300", "99999999-01-01"])
def test_what_is_no_time_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        unix_seconds(text, field="start")
    assert refused.value.field == "start"
