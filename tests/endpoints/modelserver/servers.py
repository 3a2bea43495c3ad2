"""Starts real model servers in real stacks, on free ports, and talks to them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import psutil

from endpoints.stacks import build
from endpoints.stacks.table import STACKS

DEADLINE_S = 60.0


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self._log = log
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def answers_ping(self) -> bool:
        try:
            return self.client.get("/ping").status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self) -> None:
        wait_until(lambda: self.process.poll() is not None or self.answers_ping())
        assert self.process.poll() is None, self.log

    def invoke(
        self, body: bytes | str, content_type: str = "text/csv", **headers: str
    ) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            "/invocations", content=body, headers={"content-type": content_type, **sent}
        )

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


def wait_until(condition: object, deadline_s: float = DEADLINE_S) -> None:
    assert callable(condition)
    until = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def launched(
    stack_name: str,
    model_dir: Path,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Server]:
    """The server's process, not necessarily ready; gone at the end."""
    stack = STACKS[stack_name]
    python = build.ensure(stack)
    port = port or free_port()
    log = model_dir.parent / f"{model_dir.name}-{port}.log"
    variables = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1", **(environment or {})}
    with (
        log.open("wb") as out,
        subprocess.Popen(
            stack.command(python, model_dir, port),
            env=stack.environment(python, model_dir, port, variables),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        server = Server(process, port, log)
        try:
            yield server
        finally:
            server.client.close()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def serving(
    stack_name: str, model_dir: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    with launched(stack_name, model_dir, environment) as server:
        server.wait_ready()
        yield server


def run_in(stack_name: str, program: str, *arguments: str | Path) -> str:
    """Runs a small program with the Python of a stack; what it prints."""
    python = build.ensure(STACKS[stack_name])
    command = [str(python), "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def scores(response: httpx.Response) -> list[float]:
    assert response.status_code == 200, response.text
    return [float(score) for score in response.text.replace("\n", ",").strip(",").split(",")]


def from_json(response: httpx.Response) -> object:
    assert response.status_code == 200, response.text
    return json.loads(response.content)
