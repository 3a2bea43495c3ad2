"""A small real HTTP server in the gateway's place: a test says how each variant answers."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, str, str]


@dataclass
class Target:
    """`answer(variant, body)` -> status, content type, text. `seen` keeps what was asked."""

    answer: Callable[[str, str], Answer]
    seen: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    #: After so many requests it closes connections without a word.
    dies_after: int | None = None
    url: str = ""


@contextlib.contextmanager
def serving(target: Target, port: int = 0) -> Iterator[Target]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            variant = self.headers["X-Amzn-SageMaker-Target-Variant"]
            if target.dies_after is not None and len(target.seen) >= target.dies_after:
                self.close_connection = True
                return
            target.seen.append((variant, body))
            target.headers = dict(self.headers)
            target.paths.add(self.path)
            status, kind, text = target.answer(variant, body)
            raw = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *said: Any) -> None:
            """Nothing: a test's output is for its failures."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    target.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield target
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
