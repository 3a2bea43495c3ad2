"""One run of each load tool against a target: its rate, its CPU time, what latencies it reports."""

import hashlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.harness import tools, wrk
from consoleapp.metrics.sketch import Sketch
from recommender.loadtest.driver import Driver
from recommender.loadtest.spec import LoadSpec

LOCUST = "locust==2.47.0"
CACHE = Path.home() / ".cache/inference-console/bench"
ROW = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8"
TARGETS = Path(__file__).parent.parent / "targets"
LOCUST_FILE = TARGETS / "locust_user.py"


@dataclass(frozen=True, slots=True)
class Load:
    """Closed loop, no pause between an answer and the next request, for every tool alike."""

    url: str
    users: int
    seconds: int
    core: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`cpu` is the tool's CPU time over wall time, while it loads."""

    rate: float
    cpu: float
    p50_us: float
    p99_us: float
    errors: int


def ours(load: Load) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        payload = Path(folder) / "row.csv"
        payload.write_text(ROW)
        phase = {"InitialNumberOfUsers": load.users, "SpawnRate": 0}
        spec = LoadSpec(
            url=load.url,
            traffic={
                "TrafficType": "PHASES",
                "Phases": [phase | {"DurationInSeconds": load.seconds}],
            },
            payloads=(str(payload),),
            round_trip_ms=0.0,
            cores=(load.core,),
        )
        reports = []
        with Driver(spec) as driver:
            while not driver.ended:
                reports += driver.poll(1.0)
        if driver.failure:
            raise RuntimeError(driver.failure)
    # The first second is the one in which all users connect.
    full = [report for report in reports if report.full][1:]
    sketch = Sketch.merged(report.client_latency_us for report in full)
    return Outcome(
        rate=sum(report.succeeded for report in full) / len(full),
        cpu=sum(report.cpu_share for report in full) / len(full),
        p50_us=sketch.percentile(50) or 0.0,
        p99_us=sketch.percentile(99) or 0.0,
        errors=sum(report.failed for report in reports),
    )


def by_wrk(load: Load) -> Outcome:
    before = _children_cpu_s()
    answers = wrk.run(
        wrk.Post(load.url, body=ROW, headers={"Content-Type": "text/csv"}),
        cores=[load.core],
        connections=load.users,
        seconds=load.seconds,
    )
    cpu = (_children_cpu_s() - before) / load.seconds
    return Outcome(answers.rate, cpu, answers.p50_us, answers.p99_us, answers.errors)


def by_hey(load: Load) -> Outcome:
    before = _children_cpu_s()
    text = _output(
        load.core,
        *(tools.path_of("hey"), "-c", str(load.users), "-z", f"{load.seconds}s", "-m", "POST"),
        *("-T", "text/csv", "-d", ROW, load.url),
        GOMAXPROCS="1",
    )
    cpu = (_children_cpu_s() - before) / load.seconds
    rate = float(_found(r"Requests/sec:\s+([\d.]+)", text))
    p50 = 1e6 * float(_found(r"50% in ([\d.]+) secs", text))
    p99 = 1e6 * float(_found(r"99% in ([\d.]+) secs", text))
    return Outcome(rate, cpu, p50, p99, 0 if "Error distribution" not in text else 1)


def by_locust(load: Load) -> Outcome:
    host, _, path = load.url.removeprefix("http://").partition("/")
    text = _output(
        load.core,
        *(str(locust()), "-f", str(LOCUST_FILE), "--headless", "--only-summary"),
        *("-u", str(load.users), "-r", str(load.users), "-t", f"{load.seconds + 1}s"),
        *("--host", f"http://{host}", "--reset-stats"),
        BENCH_PATH=f"/{path}",
        BENCH_ROW=ROW,
    )
    values = _found(r"BENCH ([\d. ]+)", text).split()
    rate, cpu, p50_ms, p99_ms, errors = map(float, values)
    return Outcome(rate, cpu, 1e3 * p50_ms, 1e3 * p99_ms, int(errors))


def locust() -> Path:
    """In a virtual environment of its own, made once: its dependencies are none of ours."""
    place = CACHE / LOCUST.replace("==", "-")
    if not (place / "ready").exists():
        venv.create(place, with_pip=True, clear=True)
        pip = [str(place / "bin/python"), "-m", "pip", "install", "-q", LOCUST]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{LOCUST} could not be installed:\n{done.stderr[-2000:]}")
        (place / "ready").touch()
    return place / "bin/locust"


def _output(core: int, *command: str, **env: str) -> str:
    done = subprocess.run(
        ["taskset", "-c", str(core), *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )
    return done.stdout + done.stderr


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"a load tool said something unexpected:\n{text[-2000:]}")
    return found[1]


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def compiled(source: Path) -> Path:
    """The C target, compiled once for each text of it."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    program = CACHE / f"{source.stem}-{digest}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        command: Sequence[str] = [tools.path_of("cc"), "-O2", "-o", str(program), str(source)]
        subprocess.run(command, check=True)
    return program
