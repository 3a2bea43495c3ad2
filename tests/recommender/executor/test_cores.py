"""Whose a test's cores were while it ran, from real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from endpoints import capacity
from endpoints.models import Endpoint, Instance
from recommender.executor.cores import Watch
from recommender.loadtest.cpu import process_seconds
from recommender.loadtest.report import SecondReport
from recommender.loadtest.validity import EXHAUSTED
from tests.recommender.executor.test_merging import report

Process = subprocess.Popen[bytes]
SPIN = "import os,sys\nos.sched_setaffinity(0,{int(sys.argv[1])})\nwhile True: pass"
SECONDS = range(100, 112)


@pytest.fixture
def spin() -> Iterator[Callable[[int], Process]]:
    """Starts processes that leave a core no idle moment."""
    started: list[Process] = []

    def start(core: int) -> Process:
        started.append(subprocess.Popen([sys.executable, "-c", SPIN, str(core)]))
        until_used(started[-1], 0.1)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def until_used(process: Process, seconds: float) -> None:
    deadline = time.monotonic() + 30
    start = process_seconds([process.pid])
    while process_seconds([process.pid]) < start + seconds:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def watch(pid: int, granted: float = 1.0) -> Watch:
    core = capacity.measurable_cores()[-1]
    instance = Instance(cores=[core], cpu_granted=granted, handle={"pid": pid})
    return Watch(Endpoint(purpose=Endpoint.Purpose.BENCHMARK), [instance])


def judged(one: Watch, settings: Any) -> list[str]:
    settings.FOREIGN_CPU_LIMIT = 9
    reports: list[SecondReport] = [report(second) for second in SECONDS]
    return one.judge(reports, set(SECONDS), SECONDS[-1])


def test_a_platform_without_an_idle_moment_was_the_limit(
    spin: Callable[[int], Process], settings: Any
) -> None:
    platform = spin(capacity.platform_cores()[0])
    one = watch(os.getpid())
    until_used(platform, 0.5)
    one.sample(SECONDS)
    found = one.summary([])
    # On one core everything is shared; and where others keep the test's core busy, that is said.
    used = [found[f"{who}_share"] or 0.0 for who in ("own_cpu", "foreign_cpu", "steal")]
    reasons = judged(one, settings)
    assert bool(reasons) == (capacity.exclusive() and sum(used) < EXHAUSTED)
    assert all(reason.endswith("the platform may have been the limit") for reason in reasons)
    assert not capacity.exclusive() or found["platform_cpu_share"] > 0.95


def test_an_endpoint_without_an_idle_moment_was_the_limit_itself(
    spin: Callable[[int], Process], settings: Any
) -> None:
    spin(capacity.platform_cores()[0])
    endpoint = spin(capacity.measurable_cores()[-1])
    one = watch(endpoint.pid)
    until_used(endpoint, 0.5)
    one.sample(SECONDS)
    assert judged(one, settings) == []


def test_cores_that_are_shared_are_not_judged(settings: Any) -> None:
    instance = Instance(cores=[0], cpu_granted=1.0, handle={"pid": os.getpid()})
    one = Watch(Endpoint(purpose=Endpoint.Purpose.SERVING), [instance])
    one.sample(SECONDS)
    assert judged(one, settings) == []
