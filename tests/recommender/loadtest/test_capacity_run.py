"""A real run, found out as a job would: the capacity of this target is known beforehand."""

from pathlib import Path

import pytest

from recommender.loadtest.driver import Driver
from recommender.loadtest.reading import ReadingKind, read
from recommender.loadtest.report import SecondReport
from recommender.loadtest.stop import SecondSeen, Stop, StopReason, StopRules, decide
from tests.recommender.loadtest import live
from tests.recommender.loadtest.target import make_spec
from tests.recommender.loadtest.test_generator import phases

CONCURRENCY, SERVICE_MS = 4, 20.0
CAPACITY = 60 * CONCURRENCY / (SERVICE_MS / 1000)


def as_seen(report: SecondReport) -> SecondSeen:
    return SecondSeen(
        report.second,
        report.users,
        report.invocations,
        report.failed,
        # Nothing but the network lies between the client and this model.
        report.client_latency_us,
    )


def drive(driver: Driver, rules: StopRules) -> tuple[list[SecondSeen], Stop]:
    seen: list[SecondSeen] = []
    while True:
        for report in live.first_reports(driver, 1):
            seen.append(as_seen(report))
            stop = decide(seen, rules, float(report.second + 1))
            if stop is not None:
                driver.stop()
                return seen, stop


def test_the_plateau_of_a_target_of_known_capacity_is_found(payload: Path) -> None:
    with live.target(delay_ms=SERVICE_MS, concurrency=CONCURRENCY) as port:
        spec = make_spec(port, payload, traffic=phases((1, 60, 120)), round_trip_ms=10.0)
        with Driver(spec) as driver:
            seen, stop = drive(driver, StopRules(percentile=99))
    reading = read(seen, StopRules(percentile=99), stop)
    assert stop.reason is StopReason.PLATEAU
    assert reading.kind is ReadingKind.PLATEAU
    assert reading.note == ""
    assert reading.invocations_per_minute == pytest.approx(CAPACITY, rel=0.15)
    # Six users fill four places (20 ms of service in a cycle of 30); it is read soon after.
    assert reading.users is not None
    assert 6 <= reading.users <= 25
    assert reading.model_latency_us is not None
    assert reading.model_latency_us >= SERVICE_MS * 1000 * 0.95
