"""Whose a test's cores were while it ran, from real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from endpoints import capacity
from endpoints.models import Endpoint, Instance
from recommender.executor.cores import Watch
from recommender.loadtest.cpu import process_seconds
from recommender.loadtest.report import SecondReport
from tests.recommender.executor.test_merging import report

SPIN = "import os,sys\nos.sched_setaffinity(0,{int(sys.argv[1])})\nwhile True: pass"
SECONDS = range(100, 112)


@pytest.fixture
def spinning() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leaves the platform's first core no idle moment."""
    core = capacity.platform_cores()[0]
    process = subprocess.Popen([sys.executable, "-c", SPIN, str(core)])
    until_used(process, 0.1)
    yield process
    process.kill()
    process.wait()


def until_used(process: subprocess.Popen[bytes], seconds: float) -> None:
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
    spinning: subprocess.Popen[bytes], settings: Any
) -> None:
    one = watch(os.getpid())
    until_used(spinning, 0.5)
    one.sample(SECONDS)
    reasons = judged(one, settings)
    # On a machine of one core everything shares it, and nothing is judged by it.
    assert [r.endswith("the platform was the limit") for r in reasons] == [True] * len(reasons)
    assert bool(reasons) == capacity.exclusive()


def test_cores_that_are_shared_are_not_judged(settings: Any) -> None:
    instance = Instance(cores=[0], cpu_granted=1.0, handle={"pid": os.getpid()})
    one = Watch(Endpoint(purpose=Endpoint.Purpose.SERVING), [instance])
    one.sample(SECONDS)
    assert judged(one, settings) == []
