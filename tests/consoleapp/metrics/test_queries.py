"""Queries, on samples written as the ingest writes them."""

import random

import pytest

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.metrics import queries, retention
from consoleapp.metrics.models import MinuteSample, Sample, Series
from tests.consoleapp.metrics.samples import (
    ACCOUNT,
    ADDRESS,
    DIMENSIONS,
    REGION,
    make_sample,
    store,
)

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

NOON = 1_763_640_000  # a full hour
LATENCY = (*ADDRESS, "ModelLatency", DIMENSIONS)
STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p99")


def test_seconds_come_in_order_and_silent_ones_are_absent() -> None:
    store(*(make_sample([float(n)], second=NOON + n) for n in (5, 1, 3)))
    seen = queries.per_second(*LATENCY, NOON, NOON + 10)
    assert [(s.second - NOON, s.total) for s in seen] == [(1, 1.0), (3, 3.0), (5, 5.0)]
    assert seen[0].sketch.count == 1


def test_a_range_holds_its_start_and_not_its_end() -> None:
    store(*(make_sample(second=NOON + n) for n in range(10)))
    seen = queries.per_second(*LATENCY, NOON + 2, NOON + 5)
    assert [s.second - NOON for s in seen] == [2, 3, 4]


def test_neighbouring_series_do_not_leak_into_one_another() -> None:
    for name in ("A", "B", "C"):
        dimensions = {"EndpointName": "churn", "VariantName": name}
        store(make_sample([ord(name)], second=NOON, dimensions=dimensions))
    found = queries.per_second(
        *ADDRESS, "ModelLatency", {**DIMENSIONS, "VariantName": "B"}, 0, 2**40
    )
    assert [s.total for s in found] == [66.0]


def test_dimensions_match_as_a_whole_set_in_any_order() -> None:
    store(make_sample([1.0], second=NOON))
    turned = dict(reversed(DIMENSIONS.items()))
    assert queries.per_second(*ADDRESS, "ModelLatency", turned, NOON, NOON + 1)
    for other in ({"EndpointName": "churn"}, {**DIMENSIONS, "More": "x"}, {}):
        assert queries.per_second(*ADDRESS, "ModelLatency", other, NOON, NOON + 1) == []


def test_another_account_sees_nothing() -> None:
    store(make_sample([1.0], second=NOON))
    assert queries.per_second("999999999999", REGION, *LATENCY[2:], NOON, NOON + 1) == []
    assert queries.list_series("999999999999", REGION) == []


def test_points_gather_a_period() -> None:
    store(make_sample([10, 20], second=NOON), make_sample([60], second=NOON + 9))
    store(make_sample([7], second=NOON + 10))
    first, second = queries.points(*LATENCY, NOON + 3, NOON + 20, 10, STATISTICS)
    assert first.second == NOON
    assert first.values == {
        "Average": 30.0,
        "Sum": 90.0,
        "Minimum": 10.0,
        "Maximum": 60.0,
        "SampleCount": 3.0,
        "p50": pytest.approx(20, rel=0.01),
        "p99": pytest.approx(60, rel=0.01),
    }
    assert second.second == NOON + 10
    assert second.values["p99"] == 7.0


def test_points_are_the_same_before_and_after_the_roll_up() -> None:
    chance = random.Random(7)
    store(
        *(
            make_sample([chance.lognormvariate(8, 1) for _ in range(5)], second=NOON + n)
            for n in range(600)
        )
    )
    ask = (*LATENCY, NOON, NOON + 600, 120, STATISTICS)
    before = queries.points(*ask)
    # Half of it is minutes afterwards and half still seconds.
    retention.roll_up(Series.objects.get().pk, NOON + 300)
    assert Sample.objects.count() == 300
    assert MinuteSample.objects.count() == 5
    after = queries.points(*ask)
    assert [p.second for p in after] == [p.second for p in before]
    for old, new in zip(before, after, strict=True):
        assert new.values == pytest.approx(old.values)


def test_a_statistic_reads_the_whole_range_across_the_roll_up() -> None:
    store(*(make_sample([float(n)], second=NOON + n) for n in range(1, 121)))
    retention.roll_up(Series.objects.get().pk, NOON + 60)
    assert queries.statistic(*LATENCY, NOON, NOON + 121, "Sum") == 7260.0
    p90 = queries.statistic(*LATENCY, NOON, NOON + 121, "p90")
    assert p90 == pytest.approx(108, rel=0.01)
    assert queries.statistic(*LATENCY, NOON + 500, NOON + 600, "Sum") is None


def test_an_unknown_series_has_no_points() -> None:
    assert queries.points(*LATENCY, NOON, NOON + 60, 60) == []
    assert queries.statistic(*LATENCY, NOON, NOON + 60, "Sum") is None


def test_a_bad_period_or_statistic_is_refused() -> None:
    with pytest.raises(ValidationFailed):
        queries.points(*LATENCY, NOON, NOON + 60, 0)
    with pytest.raises(ValidationFailed):
        queries.points(*LATENCY, NOON, NOON + 60, 60, ["middling"])


def test_series_are_listed_by_any_part_of_their_name() -> None:
    store(make_sample(second=NOON), make_sample(second=NOON + 7))
    store(make_sample(second=NOON, name="Invocations", dimensions={"EndpointName": "other"}))
    assert [s.name for s in queries.list_series(ACCOUNT, REGION)] == ["Invocations", "ModelLatency"]
    found = queries.list_series(ACCOUNT, REGION, dimensions={"EndpointName": "churn"})
    assert [s.name for s in found] == ["ModelLatency"]
    assert found[0].last_second == NOON + 7
    assert found[0].unit == "Microseconds"
    assert queries.list_series(ACCOUNT, REGION, namespace="Nothing") == []
    assert queries.list_series(ACCOUNT, REGION, name="Invocations")[0].dimensions == {
        "EndpointName": "other"
    }


def test_the_number_of_queries_does_not_grow_with_rows(django_assert_num_queries) -> None:
    store(*(make_sample(second=NOON + n) for n in range(500)))
    with django_assert_num_queries(3, using="metrics"):
        assert len(queries.points(*LATENCY, NOON, NOON + 500, 1)) == 500
