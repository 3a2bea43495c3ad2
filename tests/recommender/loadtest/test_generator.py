"""The generator as a process, against a server of known delay."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recommender.loadtest.driver import Driver
from recommender.loadtest.report import SecondReport
from tests.recommender.loadtest import live
from tests.recommender.loadtest.target import make_spec


def phases(*items: tuple[int, int, int]) -> dict:
    members = ("InitialNumberOfUsers", "SpawnRate", "DurationInSeconds")
    return {
        "TrafficType": "PHASES",
        "Phases": [dict(zip(members, item, strict=True)) for item in items],
    }


def total(reports: list[SecondReport]) -> int:
    return sum(report.invocations for report in reports)


def test_its_count_is_the_servers_to_the_last_invocation(payload: Path) -> None:
    with live.target(delay_ms=10) as port:
        spec = make_spec(port, payload, traffic=phases((20, 0, 2)))
        with Driver(spec) as driver:
            reports = live.reports_of(driver)
        assert driver.failure is None
        assert total(reports) == live.answered(port) > 0
        assert sum(report.failed for report in reports) == 0
        assert all(r.client_latency_us.count == r.succeeded for r in reports)


def test_reports_are_wall_clock_seconds_one_after_the_other(payload: Path) -> None:
    with live.target(delay_ms=5) as port:
        before = time.time()
        with Driver(make_spec(port, payload, traffic=phases((1, 60, 3)))) as driver:
            reports = live.reports_of(driver)
        seconds = [report.second for report in reports]
    assert seconds == list(range(seconds[0], seconds[0] + 4))
    assert before <= seconds[0] <= before + 5
    # Three full seconds of traffic, then what was under way at its end.
    assert [report.full for report in reports[1:]] == [True, True, False]
    assert [round(report.elapsed_s) for report in reports[:3]] == [1, 2, 3]
    assert [report.users for report in reports] == [1, 2, 3, 0]


def test_no_latency_is_below_the_servers_delay(payload: Path) -> None:
    with live.target(delay_ms=10) as port:
        spec = make_spec(port, payload, traffic=phases((5, 0, 2)), round_trip_ms=30.0)
        with Driver(spec) as driver:
            reports = live.reports_of(driver)
    # The target's timer may fire half a millisecond early.
    assert min(report.latency_min_us for report in reports if report.succeeded) >= 9_400
    assert min(report.latency_min_us for report in reports if report.succeeded) < 30_000


def test_several_generators_split_one_schedule(payload: Path) -> None:
    with live.target(delay_ms=5) as port:
        start_at = float(int(time.time()) + 4)
        spec = {"traffic": phases((3, 120, 2)), "start_at": start_at}
        drivers = [Driver(make_spec(port, payload, share=(i, 3), **spec)) for i in range(3)]
        for driver in drivers:
            driver.start()
        try:
            parts = [live.reports_of(driver) for driver in drivers]
        finally:
            for driver in drivers:
                driver.close()
        whole = [SecondReport.merged(same) for same in zip(*parts, strict=True)]
        assert [report.second for report in whole[:2]] == [int(start_at), int(start_at) + 1]
        # 3 users, then 2 more a second; the last share is one user behind the first.
        assert [report.users for report in whole[:2]] == [4, 6]
        assert [[r.users for r in part[:2]] for part in parts] == [[2, 2], [1, 2], [1, 2]]
        assert total(whole) == live.answered(port)


def test_a_generator_that_comes_late_joins_the_schedule_where_it_is(payload: Path) -> None:
    with live.target(delay_ms=5) as port:
        start_at = float(int(time.time()) - 30)
        spec = make_spec(port, payload, traffic=phases((1, 60, 33)), start_at=start_at)
        with Driver(spec) as driver:
            reports = live.reports_of(driver)
    assert reports[0].users > 25
    assert reports[0].elapsed_s > 30


def test_sigterm_finishes_now_and_reports_the_partial_second(payload: Path) -> None:
    with live.target(delay_ms=5) as port:
        spec = make_spec(port, payload, traffic=phases((4, 0, 600)))
        with Driver(spec) as driver:
            reports = live.first_reports(driver, 2)
            assert driver.pid is not None
            os.kill(driver.pid, signal.SIGTERM)
            reports += live.reports_of(driver)
        assert driver.failure is None
        assert not reports[-1].full
        assert total(reports) == live.answered(port)


def test_it_dies_with_its_parent(payload: Path, tmp_path: Path) -> None:
    with live.target(delay_ms=5) as port:
        spec = tmp_path / "spec.json"
        spec.write_text(make_spec(port, payload, traffic=phases((1, 0, 600))).to_json())
        code = (
            "import sys, time\n"
            "from recommender.loadtest.driver import Driver\n"
            "from recommender.loadtest.spec import LoadSpec\n"
            f"driver = Driver(LoadSpec.from_json(open({str(spec)!r}).read()))\n"
            "driver.start()\n"
            "while not driver.poll(1.0): pass\n"
            "print(driver.pid, flush=True)\n"
            "time.sleep(600)\n"
        )
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        generator = int(parent.stdout.readline())
        assert alive(generator)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        deadline = time.monotonic() + 10
        while alive(generator):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_target_that_is_gone_gives_connect_errors_and_ends_on_time(payload: Path) -> None:
    with live.target(delay_ms=5) as port:
        pass
    with Driver(make_spec(port, payload, traffic=phases((2, 0, 1)))) as driver:
        reports = live.reports_of(driver)
    assert driver.failure is None
    assert reports[0].errors["connect"] >= 2
    assert reports[0].succeeded == 0
    assert "refused" in reports[0].error_samples[0].answer


def test_answers_that_do_not_come_are_timeouts(payload: Path) -> None:
    with live.target(delay_ms=60_000) as port:
        spec = make_spec(port, payload, traffic=phases((3, 0, 2)), timeout_s=0.5)
        with Driver(spec) as driver:
            reports = live.reports_of(driver)
    assert set().union(*(report.errors for report in reports)) == {"timeout"}
    assert sum(report.errors.get("timeout", 0) for report in reports) >= 6


@pytest.mark.parametrize("cores", [(0,), ()])
def test_it_runs_on_its_core_and_says_how_much_of_it_it_used(
    payload: Path, cores: tuple[int, ...]
) -> None:
    with live.target(delay_ms=1) as port:
        spec = make_spec(port, payload, traffic=phases((5, 0, 2)), cores=cores)
        with Driver(spec) as driver:
            reports = live.first_reports(driver, 1)
            assert driver.pid is not None
            affinity = os.sched_getaffinity(driver.pid)
            reports += live.reports_of(driver)
    assert affinity == (set(cores) or os.sched_getaffinity(0))
    assert all(0 < report.cpu_share < 1 for report in reports if report.full)
