"""Loads a gateway and answers it from one core: see targets/ends.c."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from bench.harness import load_tools
from bench.harness.pinned import free_port
from bench.harness.wrk import Post

#: The header that differs in each request, where one does.
_DIFFERS = "##########"


@dataclass(frozen=True, slots=True)
class Loaded:
    rate: float
    errors: int


class Ends:
    """`port` is where the model answers."""

    def __init__(self, pid: int, port: int, commands: IO[bytes], answers: IO[bytes]) -> None:
        self.pid = pid
        self.port = port
        self._commands = commands
        self._answers = answers

    def load(self, post: Post, *, connections: int, seconds: int) -> Loaded:
        raw = _request(post)
        port = urlsplit(post.url).port
        self._commands.write(f"{port} {connections} {seconds} {len(raw)}\n".encode() + raw)
        self._commands.flush()
        requests, errors, took_s = self._answers.readline().split()
        return Loaded(int(requests) / float(took_s), int(errors))


@contextlib.contextmanager
def ends(core: int) -> Iterator[Ends]:
    port = free_port()
    program = load_tools.compiled(load_tools.TARGETS / "ends.c")
    with subprocess.Popen(
        ["taskset", "-c", str(core), str(program), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield Ends(process.pid, port, process.stdin, process.stdout)
        finally:
            process.terminate()


def _request(post: Post) -> bytes:
    url = urlsplit(post.url)
    lines = [f"POST {url.path} HTTP/1.1", f"Host: {url.netloc}"]
    lines += [f"{name}: {value}" for name, value in post.headers.items()]
    if post.varying:
        lines.append(f"{post.varying}: {_DIFFERS}")
    lines += [f"Content-Length: {len(post.body)}", "", post.body]
    return "\r\n".join(lines).encode()
