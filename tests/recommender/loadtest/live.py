"""The target of known delay and capacity as a process of its own, and whole runs against it."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from recommender.loadtest.driver import Driver
from recommender.loadtest.report import SecondReport

ROOT = Path(__file__).resolve().parents[3]
_DEADLINE_S = 120.0


@contextlib.contextmanager
def target(*, delay_ms: float, concurrency: int = 0) -> Iterator[int]:
    """Yields its port."""
    command = [sys.executable, "-m", "bench.targets.delayed", "--delay-ms", str(delay_ms)]
    process = subprocess.Popen(
        [*command, "--concurrency", str(concurrency)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def answered(port: int) -> int:
    """How many invocations the target has answered."""
    with urlopen(f"http://127.0.0.1:{port}/count", timeout=10) as answer:
        return int(answer.read())


def reports_of(driver: Driver) -> list[SecondReport]:
    """All reports until the generator ends by itself."""
    deadline = time.monotonic() + _DEADLINE_S
    reports: list[SecondReport] = []
    while not driver.ended:
        assert time.monotonic() < deadline
        reports += driver.poll(1.0)
    return reports


def first_reports(driver: Driver, count: int) -> list[SecondReport]:
    deadline = time.monotonic() + _DEADLINE_S
    reports: list[SecondReport] = []
    while len(reports) < count:
        assert time.monotonic() < deadline
        assert not driver.ended, driver.failure
        reports += driver.poll(1.0)
    return reports
