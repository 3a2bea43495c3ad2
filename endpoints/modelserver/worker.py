"""One worker process: loads the model, tells the parent, then serves until SIGTERM."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import uvloop

from modelserver import handlers
from modelserver.answer import Answerer, Request, response
from modelserver.encode import Answer
from modelserver.options import Options
from modelserver.protocol import Connection, Connections

log = logging.getLogger(__name__)

#: SageMaker kills 30 s after SIGTERM; what is not answered by then is cut here, with a word.
_DRAIN_S: Final = 25.0
_BACKLOG: Final = 1024
_QUEUE_LIMIT: Final = 1000
#: The rest of a request must follow its first byte within this time.
_READ_TIMEOUT_S: Final = 60.0
#: Tells the parent to start another worker in this one's place.
STUCK: Final = 70


def run(options: Options, loaded: Callable[[], None]) -> int:
    """Serves until SIGTERM and returns the exit status. `loaded` is called once the model is
    there, and returns when the worker may take connections. Raises ModelRefused."""
    started = time.monotonic()
    os.environ["SM_MODEL_DIR"] = str(options.model_dir)
    handler = handlers.load(options)
    # Loaded objects live as long as the process: the collector need not walk them again
    # (its longest stall falls from 49 ms to 3 ms).
    gc.collect()
    gc.freeze()
    log.info("worker %d: model loaded in %.1f s", os.getpid(), time.monotonic() - started)
    loaded()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(options, Answerer(handler, options)))


class Thread:
    """Invocations that may take long, one at a time, in the order they came."""

    def __init__(self, answerer: Answerer, timeout_s: float) -> None:
        self._answerer = answerer
        self._timeout_s = timeout_s
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="invocations")
        self._loop = asyncio.get_running_loop()
        self._pending: dict[Connection, Request] = {}
        self._busy_since: float | None = None

    def submit(self, connection: Connection, request: Request) -> None:
        if len(self._pending) >= _QUEUE_LIMIT:
            full = Answer(b"Too many invocations are waiting for this worker.", "text/plain", 503)
            connection.finish(response(full, request), request)
            return
        self._pending[connection] = request
        self._executor.submit(self._respond, connection, request)

    def overdue(self) -> bool:
        since = self._busy_since
        return since is not None and time.monotonic() - since > self._timeout_s

    def give_up(self) -> None:
        """Answers everybody who waits: the thread will not come back."""
        message = (
            f"The invocation took longer than {self._timeout_s:g} s"
            " (SAGEMAKER_MODEL_SERVER_TIMEOUT); its worker is replaced."
        )
        for connection, request in list(self._pending.items()):
            request.keep_alive = False
            answer = Answer(message.encode(), "text/plain", 503)
            connection.finish(response(answer, request), request)

    def _respond(self, connection: Connection, request: Request) -> None:
        self._busy_since = time.monotonic()
        answered = self._answerer.respond(request)
        self._busy_since = None
        self._loop.call_soon_threadsafe(self._done, connection, request, answered)

    def _done(self, connection: Connection, request: Request, answered: bytes) -> None:
        self._pending.pop(connection, None)
        connection.finish(answered, request)


async def _serve(options: Options, answerer: Answerer) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    thread = Thread(answerer, options.timeout_s)
    shared = Connections(answerer, thread, options)
    server = await loop.create_server(
        lambda: Connection(shared), sock=listen(options.host, options.port), backlog=_BACKLOG
    )
    log.info("worker %d: listening on %s:%d", os.getpid(), options.host, options.port)
    while not stop.is_set():
        if thread.overdue():
            server.close()
            return await _replace(thread)
        _drop_slow(shared, loop.time())
        try:
            async with asyncio.timeout(0.5):
                await stop.wait()
        except TimeoutError:
            continue
    server.close()
    return await _drain(shared)


def listen(host: str, port: int) -> socket.socket:
    """Each worker has its own queue of connections: the kernel spreads them evenly."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    return listener


def _drop_slow(shared: Connections, now: float) -> None:
    for connection in list(shared.open):
        since = connection.half_read_since
        if since is not None and now - since > _READ_TIMEOUT_S:
            connection.abort()


async def _replace(thread: Thread) -> int:
    log.error("worker %d: an invocation hangs; the worker is replaced", os.getpid())
    thread.give_up()
    await asyncio.sleep(0.1)  # lets the answers leave
    _exit_now(STUCK)
    return STUCK


async def _drain(shared: Connections) -> int:
    log.info("worker %d: finishing %d connections", os.getpid(), len(shared.open))
    shared.closing = True
    for connection in list(shared.open):
        connection.close_when_done()
    try:
        async with asyncio.timeout(_DRAIN_S):
            await shared.all_closed()
    except TimeoutError:
        log.warning("worker %d: %d connections cut", os.getpid(), len(shared.open))
        _exit_now(0)
    return 0


def _exit_now(status: int) -> None:
    # A thread that hangs would keep the interpreter from leaving.
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if threading.active_count() > 1:
        os._exit(status)
