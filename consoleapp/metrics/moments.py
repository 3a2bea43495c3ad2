"""Times as people and programs write them in a query: Unix seconds or ISO 8601."""

from datetime import UTC, datetime

from consoleapp.accounts.errors import ValidationFailed


def unix_seconds(text: str, *, field: str) -> float:
    """Raises ValidationFailed. A time without a zone is UTC."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationFailed(
            f"{text!r} is no time: use Unix seconds or ISO 8601, as 2026-11-20T07:00:00Z.",
            field=field,
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
