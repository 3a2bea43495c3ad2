"""Writing: merged with what is there, all or nothing."""

import pytest
from django.db import IntegrityError, OperationalError

from consoleapp.metrics import store as store_module
from consoleapp.metrics.buffer import Buffer
from consoleapp.metrics.models import Sample, Series
from consoleapp.metrics.series import key_of, second_of, series_of
from consoleapp.metrics.store import OUTAGES, SeriesIds, write, write_or_split
from tests.consoleapp.metrics.refusing import refusing
from tests.consoleapp.metrics.samples import make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

NOON = 1_763_640_000


def test_the_key_holds_series_and_second() -> None:
    store(make_sample(second=NOON))
    row = Sample.objects.get()
    assert row.key == key_of(Series.objects.get().pk, NOON)
    assert (series_of(row.key), second_of(row.key)) == (Series.objects.get().pk, NOON)


def test_writes_to_one_second_add_up() -> None:
    for value in (1.0, 2.0, 3.0):
        store(make_sample([value], second=NOON))
    row = Sample.objects.get()
    assert (row.count, row.total, row.minimum, row.maximum) == (3, 6.0, 1.0, 3.0)
    assert bytes(row.sketch) == make_sample([1.0, 2.0, 3.0]).sketch.to_bytes()


def test_more_seconds_than_a_statement_takes_are_written() -> None:
    store(*(make_sample(second=NOON + n) for n in range(1_700)))
    store(*(make_sample(second=NOON + n) for n in range(1_700)))
    assert Sample.objects.count() == 1_700
    assert set(Sample.objects.values_list("count", flat=True)) == {2}


def test_an_old_second_does_not_turn_the_clock_of_a_series_back() -> None:
    store(make_sample(second=NOON))
    store(make_sample(second=NOON - 100))
    assert Series.objects.get().last_second == NOON


def test_a_failed_write_leaves_nothing_and_can_be_repeated() -> None:
    buffer, ids = Buffer(), SeriesIds()
    buffer.add(make_sample(second=NOON))
    batch, units = buffer.take()
    with refusing("INSERT", "metrics_sample"):
        with pytest.raises(IntegrityError):
            write(batch, units, ids)
        assert not Series.objects.exists()
    write(batch, units, ids)
    assert series_of(Sample.objects.get().key) == Series.objects.get().pk


def test_a_series_that_was_removed_is_found_anew_after_forgetting() -> None:
    buffer, ids = Buffer(), SeriesIds()
    for _ in range(2):
        buffer.add(make_sample(second=NOON))
        write(*buffer.take(), ids)
        Series.objects.all().delete()
        Sample.objects.all().delete()
        ids.forget()
    buffer.add(make_sample(second=NOON))
    write(*buffer.take(), ids)
    assert series_of(Sample.objects.get().key) == Series.objects.get().pk


def test_a_sample_the_database_refuses_costs_only_itself(caplog) -> None:
    buffer = Buffer()
    buffer.add_all(make_sample([float(n)], second=NOON + n) for n in range(20))
    batch, units = buffer.take()
    with refusing("INSERT", "metrics_sample", when="NEW.total = 13"):
        write_or_split(batch, units, SeriesIds())
    assert batch == {}
    assert set(Sample.objects.values_list("total", flat=True)) == set(range(20)) - {13}
    assert "a sample was refused" in caplog.text


def test_an_outage_leaves_exactly_what_was_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer, ids = Buffer(), SeriesIds()
    buffer.add_all(make_sample([float(n)], second=NOON + n) for n in range(8))
    batch, units = buffer.take()
    gone = iter([IntegrityError, None, OperationalError])

    def write_until_the_outage(*arguments) -> None:
        if failure := next(gone):
            raise failure
        write(*arguments)

    monkeypatch.setattr(store_module, "write", write_until_the_outage)
    with pytest.raises(OUTAGES):
        write_or_split(batch, units, ids)
    assert len(batch) == 4
    monkeypatch.undo()
    write_or_split(batch, units, ids)
    assert list(Sample.objects.values_list("count", flat=True)) == [1] * 8
