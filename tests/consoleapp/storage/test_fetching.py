import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest
from pytest_django import Settings

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.storage import buckets, fetching, s3
from consoleapp.storage.fetching import fetch
from consoleapp.storage.public_addresses import AddressRefused
from tests.object_store import ObjectStore


class Site(BaseHTTPRequestHandler):
    """/file answers 1000 bytes, /to?x redirects to x, /endless never ends, /status/n answers n."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        path, _, query = self.path.partition("?")
        if path == "/to":
            self.answer(302, Location=query)
        elif path == "/loop":
            self.answer(301, Location="/loop")
        elif path.startswith("/status/"):
            self.answer(int(path.rpartition("/")[2]))
        elif path == "/endless":
            self.endless()
        else:
            self.answer(200, b"x" * 1000)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"y" * 65536)
        except OSError:
            return

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def base(site: ThreadingHTTPServer, settings: Settings) -> str:
    """The site's address, in a console that allows such addresses."""
    settings.ALLOW_PRIVATE_PAYLOAD_ADDRESSES = True
    return f"http://127.0.0.1:{site.server_address[1]}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "0",
        "017700000001",
        "[::ffff:7f00:1]",
    ],
)
def test_every_way_to_write_this_machine_is_refused(
    site: ThreadingHTTPServer, actor: Actor, tmp_path: Path, host: str
) -> None:
    url = f"http://{host}:{site.server_address[1]}/file"
    with pytest.raises(ValidationFailed):
        fetch(actor, url, tmp_path / "x", 2000)
    assert site.asked == []  # type: ignore[attr-defined]


def resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to these addresses, one answer after another; returns what was connected to."""
    left = list(answers)
    connected: list[str] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    def connect(self: object, host: str, port: int, **_: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return connected


def test_the_connection_goes_to_the_address_that_was_checked(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A name that answers differently the second time: DNS rebinding.
    connected = resolver(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(ValidationFailed, match="could not be fetched"):
        fetch(actor, "http://rebinding.example/x", tmp_path / "x", 10)
    assert connected == ["93.184.216.34"]


def test_a_name_with_one_inward_address_among_others_is_refused(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = resolver(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1.*ALLOW_PRIVATE_PAYLOAD_ADDRESSES"):
        fetch(actor, "https://mixed.example/x", tmp_path / "x", 10)
    assert connected == []


def test_the_next_address_is_tried_when_one_does_not_answer(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = resolver(monkeypatch, ["93.184.216.34", "93.184.216.35"])
    with pytest.raises(ValidationFailed):
        fetch(actor, "http://two.example/x", tmp_path / "x", 10)
    assert connected == ["93.184.216.34", "93.184.216.35"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "gopher://example.com/x",
        "http://",
        "http:///x",
        "http://user:secret@example.com/x",
        "http://exa mple.com/",
        "http://example.com/\nx",
        "http://example.com:99999/",
        "http://[::1/",
        "//example.com/x",
        "http://exämple.com/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(actor: Actor, tmp_path: Path, url: str) -> None:
    with pytest.raises(AddressRefused):
        fetch(actor, url, tmp_path / "x", 10)


def test_a_file_is_fetched_where_the_console_allows_it(
    base: str, actor: Actor, tmp_path: Path
) -> None:
    fetch(actor, f"{base}/file?a=1", tmp_path / "x", 1000)
    assert (tmp_path / "x").read_bytes() == b"x" * 1000


@pytest.mark.parametrize("path", ["/file", "/endless"])
def test_it_stops_at_the_limit(base: str, actor: Actor, tmp_path: Path, path: str) -> None:
    with pytest.raises(ValidationFailed, match="larger than"):
        fetch(actor, base + path, tmp_path / "x", 999)
    assert (tmp_path / "x").stat().st_size <= 999


def test_it_stops_at_the_deadline(base: str, actor: Actor, tmp_path: Path) -> None:
    with pytest.raises(ValidationFailed, match="took too long"):
        fetch(actor, f"{base}/endless", tmp_path / "x", 2**30, within_s=0)


def test_a_redirect_is_followed(base: str, actor: Actor, tmp_path: Path) -> None:
    fetch(actor, f"{base}/to?/file", tmp_path / "x", 1000)
    assert (tmp_path / "x").stat().st_size == 1000


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "s3://team-files/x", "http://a:b@127.0.0.1/", ""]
)
def test_a_redirect_leads_to_web_addresses_only(
    base: str, actor: Actor, tmp_path: Path, target: str
) -> None:
    with pytest.raises(ValidationFailed):
        fetch(actor, f"{base}/to?{target}", tmp_path / "x", 1000)
    assert not (tmp_path / "x").exists()


def test_a_redirect_inward_is_refused(
    site: ThreadingHTTPServer, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = site.server_address[1]
    real = fetching.checked_addresses
    check: Callable[[str, int], list[str]] = lambda host, port: (  # noqa: E731
        ["127.0.0.1"] if host == "public.example" else real(host, port)
    )
    monkeypatch.setattr(fetching, "checked_addresses", check)
    url = f"http://public.example:{port}/to?http://localhost:{port}/file"
    with pytest.raises(AddressRefused, match="localhost is refused"):
        fetch(actor, url, tmp_path / "x", 1000)
    assert len(site.asked) == 1  # type: ignore[attr-defined]


def test_redirects_end(base: str, actor: Actor, tmp_path: Path, site: ThreadingHTTPServer) -> None:
    with pytest.raises(ValidationFailed, match="redirects more than 5 times"):
        fetch(actor, f"{base}/loop", tmp_path / "x", 1000)
    assert len(site.asked) == 6  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [204, 206, 403, 404, 500])
def test_another_status_is_told(base: str, actor: Actor, tmp_path: Path, status: int) -> None:
    with pytest.raises(ValidationFailed, match=f"HTTP status {status}"):
        fetch(actor, f"{base}/status/{status}", tmp_path / "x", 1000)


def test_a_server_that_is_not_there_is_told(actor: Actor, tmp_path: Path, base: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/x"
        with pytest.raises(ValidationFailed, match="could not be fetched"):
            fetch(actor, url, tmp_path / "x", 10)


def test_a_proxy_of_the_environment_is_not_used(
    base: str, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    fetch(actor, f"{base}/file", tmp_path / "x", 1000)


def test_an_object_of_the_team_is_fetched_and_a_strangers_is_not(
    object_store: ObjectStore, actor: Actor, charlie: Actor, tmp_path: Path
) -> None:
    buckets.create_bucket(actor, "team-files")
    s3.put_bytes(actor, "s3://team-files/x", b"123")
    fetch(actor, "s3://team-files/x", tmp_path / "x", 3)
    assert (tmp_path / "x").read_bytes() == b"123"
    with pytest.raises(NotFound):
        fetch(charlie, "s3://team-files/x", tmp_path / "y", 3)
