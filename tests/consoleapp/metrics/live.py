"""A metrics ingest as a process of its own, on a database file of its own."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from consoleapp.metrics.sketch import Sketch
from consoleapp.metrics.tally import Tally

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "a token of this test"
Answer = TypeVar("Answer")


def wait_until(look: Callable[[], Answer], within_s: float = 60.0) -> Answer:
    """The first true answer of `look`; fails after the deadline with the last one."""
    deadline = time.monotonic() + within_s
    while not (answer := look()):
        assert time.monotonic() < deadline, f"still {answer!r} after {within_s} s"
        time.sleep(0.02)
    return answer


class LiveIngest:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.instances = state / "instances"
        self.instances.mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "STATE_DIR": str(self.state),
            "INGEST_ADDRESS": self.address,
            "INGEST_TOKEN": TOKEN,
        }

    def migrate(self) -> None:
        command = [sys.executable, "manage.py", "migrate", "--database", "metrics", "-v0"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    def start(self) -> None:
        command = [sys.executable, "-m", "consoleapp.metrics.ingest"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self.environment)
        wait_until(self._listens)

    def stop(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(20)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def connect(self, token: str = TOKEN) -> socket.socket:
        host, port = self.address.split(":")
        connection = socket.create_connection((host, int(port)), timeout=10)
        connection.sendall(token.encode() + b"\n")
        return connection

    def tallies(self, name: str) -> dict[int, Tally]:
        """What is stored of every series of a name, by second."""
        rows = self.rows(
            "SELECT key & 4294967295, count, total, minimum, maximum, sketch FROM metrics_sample"
            " JOIN metrics_series ON metrics_series.id = key >> 32 WHERE name = ?",
            name,
        )
        return {
            r[0]: Tally(*r[1:5], None if r[5] is None else Sketch.from_bytes(r[5])) for r in rows
        }

    def messages(self, stream: str) -> list[str]:
        rows = self.rows(
            "SELECT message FROM metrics_logevent JOIN metrics_logstream"
            " ON metrics_logstream.id = stream_id WHERE name = ? ORDER BY metrics_logevent.id",
            stream,
        )
        return [row[0] for row in rows]

    def rows(self, sql: str, *values: object) -> list[tuple]:
        connection = sqlite3.connect(self.state / "metrics.sqlite3", timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def _listens(self) -> bool:
        try:
            self.connect().close()
        except OSError:
            return False
        return True
