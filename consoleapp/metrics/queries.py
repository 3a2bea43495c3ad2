"""Reads metrics, by the primary key's range. Charts, alarms and every door read only through here.

Times are Unix seconds; a range holds its start and not its end. Dimensions match as a whole set.
A series has the unit that it was first recorded in: in any other there is nothing.
Seconds older than the retention exist as minutes only: `points` and `statistic` read both, and a
minute counts where its first second lies, so neighbouring ranges never count it twice.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics.models import MinuteSample, Sample, Series
from consoleapp.metrics.series import canonical, key_of, second_of
from consoleapp.metrics.sketch import Sketch
from consoleapp.metrics.statistics import reading
from consoleapp.metrics.store import Table, rows_of
from consoleapp.metrics.tally import Tally


@dataclass(frozen=True, slots=True)
class Second:
    """What a series saw in one second."""

    second: int
    count: int
    total: float
    minimum: float
    maximum: float
    sketch: Sketch | None


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a series: the asked statistics by name. None where they are not known."""

    second: int
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    last_second: int


def per_second(
    account: str,
    region: str,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    start: int,
    end: int,
) -> list[Second]:
    """The seconds that have samples, in order; a silent second is absent."""
    series = find_series(account, region, namespace, name, dimensions)
    if series is None:
        return []
    return [
        Second(second, t.count, t.total, t.minimum, t.maximum, t.sketch)
        for second, t in _between(Sample, series, start, end)
    ]


def points(  # noqa: PLR0913 - five name a series, as at CloudWatch
    account: str,
    region: str,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    start: int,
    end: int,
    period_s: int,
    statistics: Sequence[str] = ("Average",),
    *,
    unit: str = "",
) -> list[Point]:
    """One point for each period with samples. Periods begin at multiples of `period_s`, so the
    start is rounded down, as at CloudWatch. Raises ValidationFailed for an unknown statistic."""
    if period_s < 1:
        raise ValidationFailed("The period must be at least 1 second.", field="period")
    readings = {statistic: reading(statistic) for statistic in statistics}
    series = find_series(account, region, namespace, name, dimensions, unit=unit)
    if series is None:
        return []
    periods: dict[int, Tally] = {}
    for second, tally in _everything(series, start - start % period_s, end):
        _merge_into(periods, second - second % period_s, tally)
    return [
        Point(second, {statistic: read(periods[second]) for statistic, read in readings.items()})
        for second in sorted(periods)
    ]


def statistic(  # noqa: PLR0913 - five name a series, as at CloudWatch
    account: str,
    region: str,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    start: int,
    end: int,
    statistic: str,
) -> float | None:
    """One statistic over the whole range; None without samples."""
    read = reading(statistic)
    series = find_series(account, region, namespace, name, dimensions)
    whole: dict[int, Tally] = {}
    if series is not None:
        for _, tally in _everything(series, start, end):
            _merge_into(whole, 0, tally)
    return read(whole[0]) if whole else None


def windows(
    series: tuple[str, str, str, str, Mapping[str, str]],
    *,
    end: int,
    period_s: int,
    count: int,
    statistic: str,
    unit: str = "",
) -> list[float | None]:
    """The last `count` periods before `end`, oldest first; they need not begin at round times.

    None for a period without samples. `series`: account, region, namespace, name, dimensions.
    """
    read = reading(statistic)
    found = find_series(*series, unit=unit)
    start = end - count * period_s
    periods: dict[int, Tally] = {}
    if found is not None:
        for second, tally in _everything(found, start, end):
            _merge_into(periods, (second - start) // period_s, tally)
    return [read(periods[n]) if n in periods else None for n in range(count)]


def list_series(
    account: str,
    region: str,
    namespace: str | None = None,
    name: str | None = None,
    dimensions: Mapping[str, str] | None = None,
) -> list[SeriesInfo]:
    """Series that have at least the given dimensions, as in CloudWatch's ListMetrics."""
    found = Series.objects.filter(account=account, region=region)
    if namespace is not None:
        found = found.filter(namespace=namespace)
    if name is not None:
        found = found.filter(name=name)
    wanted = dict(dimensions or {}).items()
    infos = (_info(row) for row in found.order_by("namespace", "name", "dimensions"))
    return [info for info in infos if wanted <= info.dimensions.items()]


def find_series(
    account: str,
    region: str,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    *,
    unit: str = "",
) -> Series | None:
    """None, too, where it was recorded in another unit than the one asked for."""
    found = Series.objects.filter(
        account=account,
        region=region,
        namespace=namespace,
        name=name,
        dimensions=canonical(dimensions),
    )
    return (found.filter(unit=unit) if unit else found).first()


def _everything(series: Series, start: int, end: int) -> Iterator[tuple[int, Tally]]:
    yield from _between(MinuteSample, series, start, end)
    yield from _between(Sample, series, start, end)


def _between(
    table: type[Table], series: Series, start: int, end: int
) -> Iterator[tuple[int, Tally]]:
    first, last = key_of(series.pk, _bounded(start)), key_of(series.pk, _bounded(end))
    for key, tally in rows_of(table, key__gte=first, key__lt=last):
        yield second_of(key), tally


def _bounded(second: int) -> int:
    # A time outside 32 bits must not reach into a neighbour's keys.
    return min(max(second, 0), 2**32 - 1)


def _merge_into(periods: dict[int, Tally], start: int, tally: Tally) -> None:
    known = periods.get(start)
    if known is None:
        periods[start] = tally
    else:
        known.merge(tally)


def _info(row: Series) -> SeriesInfo:
    return SeriesInfo(
        row.namespace, row.name, json.loads(row.dimensions), row.unit, row.last_second
    )
