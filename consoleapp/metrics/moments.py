"""Times as people and programs write them in a query: Unix seconds or ISO 8601."""

import math
from datetime import UTC, datetime
from typing import Final

from consoleapp.accounts.errors import ValidationFailed

#: The year 9999, where the dates of Python and of ISO 8601 end.
_FURTHEST_S: Final = 253_402_300_800


def unix_seconds(text: str, *, field: str) -> float:
    """Raises ValidationFailed. A time without a zone is UTC."""
    try:
        seconds = _read(text)
    except ValueError:
        seconds = math.nan
    # NaN fails the comparison too.
    if not abs(seconds) <= _FURTHEST_S:
        raise ValidationFailed(
            f"{text!r} is no time: use Unix seconds or ISO 8601, as 2026-11-20T07:00:00Z.",
            field=field,
        )
    return seconds


def _read(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
