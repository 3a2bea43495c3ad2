"""How values read on pages: statuses, numbers with units, durations. Values in, text out."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()

_KINDS: Final = {
    "success": {"COMPLETED", "INSERVICE", "APPROVED", "OK", "ACTIVE", "STARTED"},
    "error": {
        *("FAILED", "UPDATEROLLBACKFAILED", "ROLLBACKFAILED", "REJECTED", "ALARM", "REVOKED")
    },
    "warning": {"INVALID", "OUTOFSERVICE", "INSUFFICIENT_DATA", "PAUSED"},
    "stopped": {"STOPPED", "INACTIVE", "CANCELLED", "ENDED", "ROLLEDBACK", "SKIPPED"},
    "pending": {"PENDING", "PENDINGMANUALAPPROVAL", "DRAFT", "WAITING"},
}
_LABELS: Final = {
    "INSERVICE": "InService",
    "OUTOFSERVICE": "OutOfService",
    "SYSTEMUPDATING": "SystemUpdating",
    "ROLLINGBACK": "RollingBack",
    "INPROGRESS": "In progress",
    "ROLLEDBACK": "Rolled back",
    "ROLLBACKFAILED": "Rollback failed",
    "UPDATEROLLBACKFAILED": "UpdateRollbackFailed",
    "PENDINGMANUALAPPROVAL": "Pending approval",
    "ALARM": "In alarm",
    "OK": "OK",
}


@register.filter
def status_kind(status: str) -> str:
    """The look of a status; one that is not final and not waiting is in progress."""
    word = str(status).upper()
    return next((kind for kind, words in _KINDS.items() if word in words), "in-progress")


@register.filter
def status_label(status: str) -> str:
    word = str(status).upper()
    return _LABELS.get(word) or word.replace("_", " ").capitalize()


@register.filter
def widget_kind(field: BoundField) -> str:
    return str(getattr(field.field.widget, "input_type", "")) or "other"


@register.filter
def described(field: BoundField) -> SafeString:
    """The widget, tied to its errors for those who cannot see them (Django ties the hint)."""
    if not field.errors:
        return field.as_widget()
    hint = f"{field.auto_id}_helptext " if field.help_text else ""
    return field.as_widget(attrs={"aria-describedby": f"{hint}{field.auto_id}_error"})


@register.filter
def grouped(value: Any, decimals: int = 0) -> str:
    """1234.5 -> 1,234 (or with the decimals asked for); a hyphen for nothing."""
    return "-" if value is None or value == "" else f"{float(value):,.{decimals}f}"


@register.filter
def milliseconds(latency_us: float | None) -> str:
    """Microseconds as milliseconds with the unit, three digits that matter."""
    if latency_us is None:
        return "-"
    value = latency_us / 1000
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.{1 if value >= 10 else 2}f} ms"


@register.filter
def usd(value: float | None) -> str:
    """Dollars; small ones keep three digits: $0.0000103."""
    if value is None:
        return "unknown"
    if value == 0 or value >= 0.01:
        return f"${value:,.4f}".rstrip("0").rstrip(".") if value < 1 else f"${value:,.3f}"
    return f"${value:.3g}" if value >= 0.001 else _plain(value)


@register.filter
def price(value: float | None) -> str:
    """An hour's price in a column of them: as many decimals in each."""
    return "unknown" if value is None else f"${value:,.4f}"


def _plain(value: float) -> str:
    return f"${value:.{2 - math.floor(math.log10(value))}f}"


@register.filter
def percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}%"


@register.filter
def seconds(value: float | timedelta | None) -> str:
    """90 -> 1 min 30 s; 4000 -> 1 h 7 min."""
    if value is None:
        return "-"
    total = round(value.total_seconds() if isinstance(value, timedelta) else float(value))
    hours, rest = divmod(max(0, total), 3600)
    minutes, secs = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {secs} s" if minutes else f"{secs} s"


@register.filter
def moment(value: datetime | None) -> str:
    """One form of time everywhere: Nov 20, 2026, 07:02:51 UTC."""
    return "-" if value is None else f"{value:%b %d, %Y, %H:%M:%S} UTC"


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def memory(gib: float | None) -> str:
    return "-" if gib is None else f"{gib:g} GiB"


@register.filter
def share(value: float | None) -> str:
    """0.25 -> 25%."""
    return "-" if value is None else f"{value * 100:.3g}%"


@register.filter
def log_time(timestamp_ms: int) -> str:
    at = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}.{timestamp_ms % 1000:03d}"


@register.filter
def per_million(value: float) -> str:
    """What a million inferences cost: a figure people can picture."""
    return usd(float(f"{value * 1e6:.3g}"))


@register.filter
def wants_copy(item: Any) -> bool:
    """Whether a pair asks for a copy button. In a template, `item.copy` of a dict is a method."""
    return bool(item.get("copy") if isinstance(item, dict) else getattr(item, "copy", False))
