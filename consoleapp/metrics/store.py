"""Writes samples: the only code that puts rows into the sample tables."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Final, TypeVar

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connections,
    transaction,
)

from consoleapp.metrics.buffer import Batch
from consoleapp.metrics.models import MinuteSample, Sample, Series
from consoleapp.metrics.series import SeriesName, key_of
from consoleapp.metrics.sketch import Sketch
from consoleapp.metrics.tally import Tally

logger = logging.getLogger(__name__)

DATABASE: Final = "metrics"
#: The database is locked, restarting or gone: the same write may succeed a second later.
OUTAGES: Final = (OperationalError, InterfaceError)
# Any constant of our own: PostgreSQL's advisory locks share one number space per database.
_LOCK: Final = 0x6D657472
_CHUNK: Final = 500
_COLUMNS: Final = ("key", "count", "total", "minimum", "maximum", "sketch")

Table = TypeVar("Table", Sample, MinuteSample)
Row = tuple[int, int, float, float, float, bytes | memoryview | None]


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that no other writer of samples overlaps: read, merge, write is safe in it."""
    with transaction.atomic(using=DATABASE):
        connection = connections[DATABASE]
        # SQLite begins IMMEDIATE and so has the lock already.
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


class SeriesIds:
    """Numbers of series, remembered between writes."""

    def __init__(self) -> None:
        self._known: dict[SeriesName, int] = {}

    def of(
        self, names: Iterable[SeriesName], units: Mapping[SeriesName, str]
    ) -> dict[SeriesName, int]:
        return {name: self._known.get(name) or _series_id(name, units) for name in names}

    def remember(self, ids: Mapping[SeriesName, int]) -> None:
        self._known.update(ids)

    def forget(self) -> None:
        """Retention removes series that fell silent: numbers are not trusted for ever."""
        self._known.clear()


def write(batch: Batch, units: Mapping[SeriesName, str], ids: SeriesIds) -> None:
    """Adds a batch to what is stored, in one transaction: all of it or, on an error, nothing."""
    if not batch:
        return
    with writing():
        numbers = ids.of({series for series, _ in batch}, units)
        merge_rows(
            Sample, {key_of(numbers[name], second): t for (name, second), t in batch.items()}
        )
        _advance(batch, numbers)
    # Only now: the rows of a rolled-back transaction never existed.
    ids.remember(numbers)


def write_or_split(batch: Batch, units: Mapping[SeriesName, str], ids: SeriesIds) -> None:
    """Writes what the database takes and empties `batch`; a sample it refuses is dropped alone.

    Raises one of OUTAGES when the database is away: what was not written is still in `batch`.
    """
    try:
        write(batch, units, ids)
    except OUTAGES:
        raise
    except DatabaseError:
        if len(batch) > 1:
            _write_halves(batch, units, ids)
            return
        logger.exception("a sample was refused: %s", next(iter(batch)))
    batch.clear()


def _write_halves(batch: Batch, units: Mapping[SeriesName, str], ids: SeriesIds) -> None:
    entries = list(batch)
    middle = len(entries) // 2
    for part in (entries[:middle], entries[middle:]):
        half = {entry: batch[entry] for entry in part}
        try:
            write_or_split(half, units, ids)
        finally:
            for entry in part:
                if entry not in half:
                    del batch[entry]


def merge_rows(table: type[Table], tallies: Mapping[int, Tally]) -> None:
    """Merges tallies by key into a table. Call it inside `writing()`."""
    keys = iter(tallies)
    while chunk := list(islice(keys, _CHUNK)):
        stored = rows_of(table, key__in=chunk)
        merged = {key: tallies[key].copy() for key in chunk}
        for key, tally in stored:
            merged[key].merge(tally)
        table._default_manager.bulk_create(
            [_row(table, key, tally) for key, tally in merged.items()],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=list(_COLUMNS[1:]),
        )


def rows_of(table: type[Table], **where: object) -> Iterator[tuple[int, Tally]]:
    """Rows as (key, tally), in the order of the key."""
    rows: Iterable[Row] = (
        table._default_manager.filter(**where).order_by("key").values_list(*_COLUMNS).iterator()
    )
    for key, count, total, minimum, maximum, sketch in rows:
        spread = None if sketch is None else Sketch.from_bytes(bytes(sketch))
        yield key, Tally(count, total, minimum, maximum, spread)


def _row(table: type[Table], key: int, tally: Tally) -> Table:
    return table(
        key=key,
        count=tally.count,
        total=tally.total,
        minimum=tally.minimum,
        maximum=tally.maximum,
        sketch=tally.sketch.to_bytes() if tally.sketch is not None else None,
    )


def _series_id(name: SeriesName, units: Mapping[SeriesName, str]) -> int:
    unit = units.get(name, "None")
    return Series.objects.get_or_create(**name._asdict(), defaults={"unit": unit})[0].pk


def _advance(batch: Batch, numbers: Mapping[SeriesName, int]) -> None:
    latest: dict[int, int] = {}
    for name, second in batch:
        number = numbers[name]
        latest[number] = max(second, latest.get(number, 0))
    with connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            "UPDATE metrics_series SET last_second = %s WHERE id = %s AND last_second < %s",
            [(second, number, second) for number, second in latest.items()],
        )
