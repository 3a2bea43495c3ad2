"""A stand-in for the two addresses a job speaks to: its payload archive and the gateway."""

import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROWS = {"row-1.csv": b"1,2,3", "row-2.csv": b"4,5,6"}


def archive(files: Mapping[str, bytes] = ROWS) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@dataclass
class StandIn:
    """`answer` is what every invocation gets: (status, error type, body)."""

    url: str = ""
    archive: bytes = field(default_factory=archive)
    answer: tuple[int, str, bytes] = (200, "", b"0.5")
    #: (path, headers, body) of each invocation.
    invocations: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    downloads: int = 0

    @property
    def payload_url(self) -> str:
        return f"{self.url}/rows.tar.gz"

    def refuse_as_model(self, status: int, words: str) -> None:
        members = {"OriginalStatusCode": status, "OriginalMessage": words, "Message": "long"}
        self.answer = (424, "ModelError", json.dumps(members).encode())


@contextmanager
def standing_in() -> Iterator[StandIn]:
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.downloads += 1
            self._say(200, "", state.archive)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.invocations.append((self.path, dict(self.headers), body))
            self._say(*state.answer)

        def _say(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            if kind:
                self.send_header("x-amzn-ErrorType", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield state
        server.shutdown()
        thread.join()
