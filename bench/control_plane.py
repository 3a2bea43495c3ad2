"""The control plane against moto_server, its named peer: see bench/README.md."""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench.harness.cpu import Watch
from bench.harness.pinned import free_port, pinned
from bench.harness.rows import RUNS, Spread
from tests.foreign import python_of
from tests.live import Console

MODELS = 10_000
IMAGE = "inference-console/xgboost:3.2"
TARGET = 1.0
Work = Callable[[Any, int], None]


@contextlib.contextmanager
def moto(core: int) -> Iterator[tuple[Any, list[int]]]:
    """Its server holds everything in memory; ours keeps every row on disk."""
    port = free_port()
    command = [str(python_of("moto")), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with pinned(command, cores=[core], port=port, quiet=True) as process:
        keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        yield client({**keys, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}), [process.pid]


@contextlib.contextmanager
def console(core: int) -> Iterator[tuple[Any, list[int]]]:
    """A whole copy; the process that answers has the core."""
    with tempfile.TemporaryDirectory() as folder:
        running = Console(Path(folder) / "var").start()
        try:
            running.set_quota("models.max", 10 * MODELS)
            web = running.processes("uvicorn consoleapp")
            for process in web:
                process.cpu_affinity([core])
            yield client(running.credentials), [process.pid for process in web]
        finally:
            running.stop()


def client(told: Mapping[str, str]) -> Any:
    return boto3.client(
        "sagemaker",
        endpoint_url=told["AWS_ENDPOINT_URL"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}),
    )


def prepare(sagemaker: Any, models: int) -> None:
    for number in range(models):
        create_model(sagemaker, number)
        if number % 1000 == 999:
            print(f"  {number + 1} models", flush=True)
    sagemaker.create_model(
        ModelName="bench", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName="bench",
        ProductionVariants=[
            {
                "VariantName": "v",
                "ModelName": "bench",
                "InstanceType": "ml.c5.large",
                "InitialInstanceCount": 1,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName="bench", EndpointConfigName="bench")


ROLE = "arn:aws:iam::123456789012:role/bench"


def create_model(sagemaker: Any, _: int) -> None:
    sagemaker.create_model(
        ModelName=f"m-{uuid.uuid4().hex}", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE
    )


def describe_endpoint(sagemaker: Any, _: int) -> None:
    sagemaker.describe_endpoint(EndpointName="bench")


def list_models(sagemaker: Any, _: int) -> None:
    told = sagemaker.list_models(MaxResults=100, SortBy="CreationTime", SortOrder="Descending")
    assert len(told["Models"]) >= 100, len(told["Models"])


WORKS: dict[str, Work] = {
    "CreateModel": create_model,
    "DescribeEndpoint": describe_endpoint,
    "ListModels (first 100)": list_models,
}


def rate(sagemaker: Any, work: Work, seconds: float) -> float:
    """Calls a second, one after the other, as a script makes them."""
    work(sagemaker, 0)
    start, calls = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        work(sagemaker, calls)
        calls += 1
    return calls / (time.monotonic() - start)


def main() -> None:
    options = _options()
    os.sched_setaffinity(0, [options.load_core])
    core = options.part_core
    with moto(core) as theirs, console(core) as ours:
        for name, (sagemaker, _) in (("moto_server", theirs), ("console", ours)):
            start = time.monotonic()
            prepare(sagemaker, options.models)
            took = time.monotonic() - start
            print(f"{name}: {options.models} models in {took:.0f} s", flush=True)
        print("calls a second by boto3, one after the other; CPU ms of the server per call")
        for name, work in WORKS.items():
            compare(name, work, (theirs, ours), options)


def compare(
    name: str, work: Work, both: tuple[tuple[Any, list[int]], ...], options: argparse.Namespace
) -> None:
    """The two take turns, so that each ratio is of one moment."""
    rates: tuple[list[float], list[float]] = ([], [])
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(options.runs):
        for side, (sagemaker, pids) in enumerate(both):
            with Watch({"part": pids}) as watch:
                found = rate(sagemaker, work, options.seconds)
            rates[side].append(found)
            costs[side].append(1000 * watch.used.of_processes["part"] / found)
    ratios = [mine / their for their, mine in zip(*rates, strict=True)]
    value = statistics.median(ratios)
    print(f"  {name:24} moto {Spread.of(rates[0])}   [{statistics.median(costs[0]):.2f} ms]")
    print(f"  {'':24} ours {Spread.of(rates[1])}   [{statistics.median(costs[1]):.2f} ms]")
    verdict = "met" if value >= TARGET else "MISSED"
    print(
        f"  {'':24} ratio {value:.2f} ({min(ratios):.2f} .. {max(ratios):.2f}): {verdict}",
        flush=True,
    )


def _options() -> argparse.Namespace:
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="length of each run")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--models", type=int, default=MODELS)
    parser.add_argument("--part-core", type=int, default=cores[-1])
    parser.add_argument("--load-core", type=int, default=cores[0])
    options = parser.parse_args()
    if options.part_core == options.load_core:
        sys.exit("This benchmark needs two cores: one for the part under test, one for the load.")
    return options


if __name__ == "__main__":
    main()
