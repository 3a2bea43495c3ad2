"""CloudWatch's statistics by name: Average, Sum, Minimum, Maximum, SampleCount, pNN."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics.tally import Tally

Reading = Callable[[Tally], float | None]

_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_PLAIN: Final[Mapping[str, Reading]] = {
    "Average": Tally.average,
    "Sum": lambda tally: tally.total,
    "Minimum": lambda tally: tally.minimum,
    "Maximum": lambda tally: tally.maximum,
    "Min": lambda tally: tally.minimum,
    "Max": lambda tally: tally.maximum,
    "SampleCount": lambda tally: float(tally.count),
}
NAMES: Final = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")


def reading(statistic: str, *, field: str = "statistic") -> Reading:
    """The function of a statistic's name. Raises ValidationFailed for a name that is none."""
    plain = _PLAIN.get(statistic)
    if plain is not None:
        return plain
    percent = percent_of(statistic)
    if percent is None:
        raise ValidationFailed(
            f"{statistic!r} is not a statistic: use one of {', '.join(NAMES)},"
            " or a percentile such as p99 or p99.9.",
            field=field,
        )
    return lambda tally: tally.percentile(percent)


def percent_of(statistic: str) -> float | None:
    """99.9 for "p99.9"; None for what is no percentile."""
    match = _PERCENTILE.fullmatch(statistic)
    return float(match.group(1)) if match else None
