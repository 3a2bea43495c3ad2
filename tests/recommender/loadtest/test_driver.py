import os
import signal
import time
from pathlib import Path

from recommender.loadtest.driver import Driver
from tests.recommender.loadtest import live
from tests.recommender.loadtest.target import make_spec
from tests.recommender.loadtest.test_generator import alive, phases, total


def test_polling_returns_at_once_when_there_is_nothing(payload: Path) -> None:
    with live.target(delay_ms=5) as port, Driver(make_spec(port, payload)) as driver:
        before = time.monotonic()
        assert driver.poll() == []
        assert time.monotonic() - before < 0.5
        assert not driver.ended


def test_stopping_gives_the_reports_that_were_not_read(payload: Path) -> None:
    with live.target(delay_ms=5) as port:
        with Driver(make_spec(port, payload, traffic=phases((3, 0, 600)))) as driver:
            reports = live.first_reports(driver, 1)
            reports += driver.stop()
            assert driver.ended
            assert driver.failure is None
            assert driver.stop() == []
        seconds = [report.second for report in reports]
        assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))
        assert total(reports) == live.answered(port)


def test_a_generator_stopped_before_it_has_begun_is_no_failure(payload: Path) -> None:
    with live.target(delay_ms=5) as port, Driver(make_spec(port, payload)) as driver:
        assert total(driver.stop()) == 0
        assert driver.ended
        assert driver.failure is None


def test_leaving_the_block_ends_the_generator(payload: Path) -> None:
    with live.target(delay_ms=5) as port:
        with Driver(make_spec(port, payload)) as driver:
            live.first_reports(driver, 1)
            assert driver.pid is not None
        assert not alive(driver.pid)


def test_a_payload_that_cannot_be_read_is_the_reason_of_the_failure(tmp_path: Path) -> None:
    with Driver(make_spec(9, tmp_path / "missing.csv")) as driver:
        assert live.reports_of(driver) == []
        assert driver.failure is not None
        assert "missing.csv" in driver.failure


def test_a_generator_that_was_killed_is_a_failure(payload: Path) -> None:
    with live.target(delay_ms=5) as port, Driver(make_spec(port, payload)) as driver:
        live.first_reports(driver, 1)
        assert driver.pid is not None
        os.kill(driver.pid, signal.SIGKILL)
        live.reports_of(driver)
        assert driver.failure is not None
        assert "-9" in driver.failure


def test_closing_a_driver_that_never_started_is_harmless(payload: Path) -> None:
    driver = Driver(make_spec(9, payload))
    assert driver.stop() == []
    driver.close()
