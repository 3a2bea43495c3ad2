"""An ASGI application behind a real uvicorn, in this process: it shares the test's database."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from tests.services import free_port


@contextlib.contextmanager
def serving(application: Any) -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(application, port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline, "uvicorn did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def answer(url: str, *sent: bytes) -> tuple[int, str]:
    """Status and text of what is told to a request of which no more than this was sent, until
    the connection ends."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        for part in sent:
            connection.sendall(part)
        got = b""
        while piece := connection.recv(65536):
            got += piece
    return int(got.split(b" ", 2)[1]), got.decode()


@pytest.fixture
def web_url(transactional_db: None) -> Iterator[str]:
    """The console's own application, as `make up` serves it."""
    from consoleapp.asgi import application

    with serving(application) as url:
        yield url
