"""Emitters, against a real listener that comes and goes."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from consoleapp.metrics.emit import AsyncEmitter, Emitter, split_address
from tests.consoleapp.metrics.live import wait_until
from tests.consoleapp.metrics.samples import make_sample


class Listener:
    """Accepts one connection after the other and keeps every line."""

    def __init__(self, port: int = 0) -> None:
        self.lines: list[bytes] = []
        self._connections: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._connections.append(connection)
            with connection.makefile("rb") as lines:
                try:
                    self.lines.extend(lines)
                except OSError:
                    return

    def close(self) -> None:
        for part in (self._server, *self._connections):
            with contextlib.suppress(OSError):
                part.shutdown(socket.SHUT_RDWR)
            part.close()
        self._thread.join()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def numbered(number: int):
    return make_sample([1.0], second=number)


def seconds(listener: Listener) -> list[bytes]:
    return [line.split(b",[[")[1].split(b"]],")[1].split(b",")[0] for line in listener.lines[1:]]


def test_an_address_is_split_at_its_last_colon() -> None:
    assert split_address("127.0.0.1:80") == ("127.0.0.1", 80)
    assert split_address("[::1]:80") == ("::1", 80)


def test_the_token_opens_and_samples_follow(listener: Listener) -> None:
    with Emitter(listener.address, "token") as emitter:
        emitter.send([numbered(1), numbered(2)])
        wait_until(lambda: len(listener.lines) == 3)
    assert listener.lines == [b"token\n", numbered(1).encode(), numbered(2).encode()]


def test_samples_wait_while_nobody_listens_and_leave_when_somebody_does() -> None:
    listener = Listener()
    listener.close()
    emitter = Emitter(listener.address, "token")
    emitter.send([numbered(1)])
    emitter.send([numbered(2)])
    assert emitter.waiting == 2
    again = Listener(listener.port)
    emitter.close()
    wait_until(lambda: len(again.lines) == 3)
    again.close()
    assert seconds(again) == [b"1", b"2"]


def test_nothing_is_lost_when_the_ingest_restarts_between_two_sends(listener: Listener) -> None:
    emitter = Emitter(listener.address, "token")
    emitter.send([numbered(1)])
    wait_until(lambda: len(listener.lines) == 2)
    listener.close()
    again = Listener(listener.port)
    emitter.send([numbered(2)])
    emitter.close()
    wait_until(lambda: len(again.lines) == 2)
    again.close()
    assert seconds(again) == [b"2"]


def test_the_oldest_are_dropped_first_and_counted() -> None:
    listener = Listener()
    listener.close()
    emitter = Emitter(listener.address, "token", most_waiting=3)
    emitter.send(numbered(n) for n in range(1, 6))
    assert (emitter.waiting, emitter.dropped) == (3, 2)
    again = Listener(listener.port)
    emitter.close()
    wait_until(lambda: len(again.lines) == 4)
    again.close()
    assert seconds(again) == [b"3", b"4", b"5"]


async def test_the_async_emitter_sends_on_without_its_caller_waiting(listener: Listener) -> None:
    async with AsyncEmitter(listener.address, "token") as emitter:
        emitter.send([numbered(1)])
        await _until(lambda: len(listener.lines) == 2)
        emitter.send([numbered(2)])
    await _until(lambda: len(listener.lines) == 3)
    assert seconds(listener) == [b"1", b"2"]


async def test_the_async_emitter_finds_its_way_back() -> None:
    first = Listener()
    emitter = AsyncEmitter(first.address, "token")
    emitter.start()
    emitter.send([numbered(1)])
    await _until(lambda: len(first.lines) == 2)
    await asyncio.to_thread(first.close)
    second = Listener(first.port)
    await asyncio.sleep(0)
    emitter.send([numbered(2)])
    await _until(lambda: len(second.lines) == 2)
    await emitter.close()
    await asyncio.to_thread(second.close)
    assert seconds(second) == [b"2"]


async def test_closing_the_async_emitter_with_nobody_there_ends(listener: Listener) -> None:
    listener.close()
    emitter = AsyncEmitter(listener.address, "token", most_waiting=1)
    emitter.start()
    emitter.send([numbered(1), numbered(2)])
    await emitter.close()
    assert (emitter.waiting, emitter.dropped) == (1, 1)


async def _until(look) -> None:
    async with asyncio.timeout(10):
        while not look():
            await asyncio.sleep(0.01)
