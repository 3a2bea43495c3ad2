"""Users -> gateway -> XGBoost on two cores, and a signed call through the public address.

See bench/README.md. The stack of XGBoost is built on first use.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

# Before Django reads its settings: nothing of a copy on this machine is touched.
_STATE = tempfile.mkdtemp(prefix="bench-")
os.environ["STATE_DIR"] = _STATE
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")

# ruff: noqa: E402
import boto3
import django
from botocore.config import Config

from bench.harness import rows, tools
from bench.harness.cpu import Watch
from bench.harness.fronted import ENDPOINT, KEY_ID, REGION, SECRET, console_headers, gateway
from bench.harness.pinned import free_port, pinned
from bench.harness.rows import Row, Spread
from recommender.loadtest.driver import Driver
from recommender.loadtest.spec import LoadSpec

TARGET_PER_SECOND = 5000
CALLS = 500


@contextlib.contextmanager
def model_server(folder: Path, core: int, payload: Path) -> Iterator[tuple[int, list[int]]]:
    """The console's small XGBoost sample, served by one worker."""
    from endpoints.samples import dataset, training
    from endpoints.samples.catalogue import SAMPLES
    from endpoints.stacks import build
    from endpoints.stacks.table import STACKS

    sample, model = SAMPLES[0], folder / "model"
    with tarfile.open(fileobj=BytesIO(training.train(sample, print))) as archive:
        archive.extractall(model, filter="data")
    row = dataset.csv(dataset.split().test).splitlines()[0]
    payload.write_bytes(row.partition(b",")[2])
    stack, port = STACKS[sample.stack], free_port()
    python = build.ensure(stack, print)
    env = stack.environment(python, model, port, {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"})
    command = stack.command(python, model, port)
    with pinned(command, cores=[core], port=port, env=env) as process:
        yield port, [process.pid]


def load(url: str, payload: Path, options: argparse.Namespace) -> tuple[float, int]:
    """One run of the console's own load generator: invocations a second, and errors."""
    phase = {
        "InitialNumberOfUsers": options.users,
        "SpawnRate": 0,
        "DurationInSeconds": options.seconds,
    }
    spec = LoadSpec(
        url=url,
        traffic={"TrafficType": "PHASES", "Phases": [phase]},
        payloads=(str(payload),),
        headers={k: v for k, v in console_headers().items() if k != "Content-Type"},
        round_trip_ms=0,
        cores=(options.load_core,),
    )
    seen = []
    with Driver(spec) as driver:
        while not driver.ended:
            seen += driver.poll(1.0)
        if driver.failure:
            sys.exit(driver.failure)
    # The first second fills connections, the last is cut.
    full = [report for report in seen[1:] if report.full]
    errors = sum(report.failed for report in seen)
    return statistics.mean(report.invocations for report in full), errors


def whole_path(options: argparse.Namespace, url: str, payload: Path, pids: list[int]) -> Row:
    rates, parts, others, errors = [], [], [], 0
    load(url, payload, options)
    for _ in range(options.runs):
        with Watch({"model": pids}, cores=[options.load_core]) as watch:
            rate, failed = load(url, payload, options)
        rates.append(rate)
        errors += failed
        parts.append(watch.used.of_processes["model"])
        others.append(watch.used.of_cores[options.load_core])
    name = f"users ({options.users}) -> gateway -> XGBoost"
    return Row(name, tuple(rates), tuple(parts), tuple(others), errors)


def signed_calls(address: str, body: bytes) -> list[float]:
    """Microseconds of each call of one boto3 client, one after the other."""
    client: Any = boto3.client(
        "sagemaker-runtime",
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(retries={"total_max_attempts": 1}),
    )
    took = []
    for _ in range(CALLS):
        start = time.perf_counter()
        found = client.invoke_endpoint(EndpointName=ENDPOINT, Body=body, ContentType="text/csv")
        found["Body"].read()
        took.append((time.perf_counter() - start) * 1e6)
    return took


@contextlib.contextmanager
def web(environment: dict[str, str], core: int) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "consoleapp.asgi:application"]
    command += ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    with pinned(command, cores=[core], port=port, env=environment):
        yield f"http://127.0.0.1:{port}"


def main() -> None:
    options = _options()
    tools.require("taskset")
    django.setup()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        payload = folder / "payload.csv"
        with (
            model_server(folder, options.part_core, payload) as (port, pids),
            gateway(port, _STATE, options.load_core) as front,
        ):
            row = whole_path(options, front.url, payload, pids)
            _report(row)
            with web(front.environment, options.load_core) as address:
                body = payload.read_bytes()
                _report_calls(
                    "boto3, signed, straight to the gateway", front.address, body, options
                )
                _report_calls("boto3, signed, by the public address", address, body, options)


def _report(row: Row) -> None:
    print("invocations per second; generator and gateway share one core, the model has the other")
    shares = f"model {statistics.median(row.part):.0%}, the rest {statistics.median(row.other):.0%}"
    met = "met" if row.spread.median >= TARGET_PER_SECOND and not row.errors else "MISSED"
    print(f"  {row.name:44} {row.spread} /s  [{shares}]  {row.errors} errors")
    print(f"  target >= {TARGET_PER_SECOND}: {met}. This machine is shared by all of it.")


def _report_calls(name: str, address: str, body: bytes, options: argparse.Namespace) -> None:
    signed_calls(address, body)
    p50s, p99s = [], []
    for _ in range(options.runs):
        took = statistics.quantiles(signed_calls(address, body), n=100)
        p50s.append(took[49])
        p99s.append(took[98])
    print(f"  {name:44} p50 {Spread.of(p50s)} us   p99 {Spread.of(p99s)} us")


def _options() -> argparse.Namespace:
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="length of each run")
    parser.add_argument("--runs", type=int, default=rows.RUNS)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--part-core", type=int, default=cores[-1])
    parser.add_argument("--load-core", type=int, default=cores[0])
    return parser.parse_args()


if __name__ == "__main__":
    main()
