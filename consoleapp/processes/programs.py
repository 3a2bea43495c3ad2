"""Every process of one copy, with the command that runs it, on one screen."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consoleapp import env
from consoleapp.processes import redis
from consoleapp.storage import server

CELERY: Final = (sys.executable, "-m", "celery", "-A", "consoleapp.celery")
QUIET: Final = ("--without-mingle", "--without-gossip", "--loglevel", "INFO")


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process. Lower priority starts first and stops last; equals stop together."""

    name: str
    command: tuple[str, ...]
    priority: int
    stop_s: int = 10
    stop_signal: str = "TERM"


def ports_needed() -> list[str]:
    return ["redis", "gateway", "ingest", *(f"objects-{name}" for name in server.PORTS)]


def environment(ports: Mapping[str, int]) -> dict[str, str]:
    """What every process is told about the others; what the user has set wins."""
    password = env.ensure_secret("REDIS_PASSWORD")
    told = {
        "STATE_DIR": str(env.state_dir()),
        "GATEWAY_URL": f"http://127.0.0.1:{ports['gateway']}",
        "INGEST_ADDRESS": f"127.0.0.1:{ports['ingest']}",
        "REDIS_URL": f"redis://:{password}@127.0.0.1:{ports['redis']}/0",
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{ports['objects-s3']}",
    }
    return {name: env.text(name) or value for name, value in told.items()}


def programs(ports: Mapping[str, int]) -> list[Program]:
    state = env.state_dir()
    found = [
        Program("gateway", (sys.executable, "-m", "endpoints.gateway"), 20, stop_s=15),
        Program("ingest", (sys.executable, "-m", "consoleapp.metrics.ingest"), 20),
        Program("web", web_command(), 30),
        Program("worker", worker_command("control", concurrency=3), 30),
        # Cold shutdown: a test runs for minutes, and its lease lets the next start retry it.
        Program("loadtest", worker_command("loadtest", concurrency=6), 30, stop_signal="QUIT"),
        # It waits for models: threads do, in one small process. Its lease works as loadtest's.
        Program("evaluation", evaluation_command(), 30, stop_signal="QUIT"),
        Program("beat", (*CELERY, "beat", "--schedule", str(state / "run/beat")), 30),
    ]
    if not env.text("S3_ENDPOINT_URL"):
        found.insert(
            0, Program("objects", objects_command(state, ports), 10, stop_signal=server.STOP_SIGNAL)
        )
    if not env.text("REDIS_URL"):
        found.insert(0, Program("redis", redis_command(state, ports), 10))
    return found


def redis_command(state: Path, ports: Mapping[str, int]) -> tuple[str, ...]:
    password = env.ensure_secret("REDIS_PASSWORD")
    return tuple(redis.command(directory=state / "redis", port=ports["redis"], password=password))


def objects_command(state: Path, ports: Mapping[str, int]) -> tuple[str, ...]:
    own = {name: ports[f"objects-{name}"] for name in server.PORTS}
    return tuple(server.prepare(state / "objects", own))


def web_command() -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "uvicorn", "consoleapp.asgi:application"),
        *("--host", env.text("BIND", "127.0.0.1"), "--port", str(env.number("PORT", 8000))),
        *("--no-access-log", "--timeout-graceful-shutdown", "5"),
    )


def worker_command(queue: str, *, concurrency: int) -> tuple[str, ...]:
    # autoscale starts with one child: an idle copy stays small.
    scale = ("--autoscale", f"{concurrency},1")
    return (*CELERY, "worker", "-Q", queue, "-n", f"{queue}@%h", *scale, *QUIET)


def evaluation_command() -> tuple[str, ...]:
    pool = ("--pool", "threads", "--concurrency", "2")
    return (*CELERY, "worker", "-Q", "evaluation", "-n", "evaluation@%h", *pool, *QUIET)
