"""Starts the worker processes, replaces those that die, and passes SIGTERM on to them."""

import contextlib
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from modelserver.errors import ModelRefused
from modelserver.options import Options

log = logging.getLogger(__name__)

_RESTARTS: Final = 5
_RESTARTS_WITHIN_S: Final = 60.0
#: SageMaker kills 30 s after SIGTERM; workers cut their last connections at 25 s.
_STOP_S: Final = 28.0


@dataclass(eq=False, slots=True)
class Worker:
    process: subprocess.Popen[bytes]
    #: A byte from the worker: loaded. A byte to it: serve. Its end: the worker is gone.
    control: socket.socket
    loaded: bool = False


class Parent:
    def __init__(self, options: Options, arguments: list[str]) -> None:
        self._options = options
        self._arguments = arguments
        self._selector = selectors.DefaultSelector()
        #: A byte for each SIGTERM or SIGINT.
        self._signals, self._wakeup = socket.socketpair()
        self._workers: set[Worker] = set()
        self._restarts: deque[float] = deque(maxlen=_RESTARTS)
        self._serving = False
        self._stop_by: float | None = None
        self._status = 0

    def run(self) -> int:
        """Returns the exit status: 0 after SIGTERM, else what made serving impossible."""
        _refuse_taken_port(self._options)
        self._wake_on_signals()
        # One first: a model that cannot be loaded says so once, not once per core.
        self._start()
        while self._workers:
            for key, _ in self._selector.select(self._patience()):
                if key.data is not None:
                    self._hear(key.data)
                else:
                    self._heed_signals()
            self._kill_the_late()
        return self._status

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "modelserver", *self._arguments]
        process = subprocess.Popen(
            [*command, "--control", str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
        theirs.close()
        worker = Worker(process, ours)
        self._workers.add(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def _hear(self, worker: Worker) -> None:
        try:
            said = worker.control.recv(1)
        except ConnectionResetError:
            said = b""
        if not said:
            self._gone(worker)
            return
        worker.loaded = True
        if self._serving:
            self._let_serve(worker)
            return
        missing = self._options.workers - len(self._workers)
        for _ in range(missing):
            self._start()
        if all(other.loaded for other in self._workers):
            self._serve()

    def _serve(self) -> None:
        # All at once: the first answer to /ping means the whole capacity is there.
        self._serving = True
        for worker in self._workers:
            self._let_serve(worker)

    def _let_serve(self, worker: Worker) -> None:
        # One that has died meanwhile is heard of next.
        with contextlib.suppress(OSError):
            worker.control.send(b"g")

    def _gone(self, worker: Worker) -> None:
        self._selector.unregister(worker.control)
        worker.control.close()
        status = worker.process.wait()
        self._workers.discard(worker)
        # A signal to the whole group ends the workers as well, and may be heard of after them.
        self._heed_signals()
        if self._stop_by is not None:
            return
        if not self._serving:
            self._stop(status=status if status > 0 else 1, reason="")
            if status < 0:
                log.error("cannot serve the model: loading it ended with %s", _signal_name(status))
            return
        self._replace(worker, status)

    def _replace(self, worker: Worker, status: int) -> None:
        now = time.monotonic()
        often = len(self._restarts) == _RESTARTS and now - self._restarts[0] < _RESTARTS_WITHIN_S
        how = _signal_name(status) if status < 0 else f"status {status}"
        if often:
            self._stop(status=1, reason=f"workers keep dying, the last with {how}")
            return
        self._restarts.append(now)
        log.error("worker %d ended with %s; starting another", worker.process.pid, how)
        self._start()

    def _heed_signals(self) -> None:
        try:
            self._signals.recv(64)
        except BlockingIOError:
            return
        if self._stop_by is None:
            self._stop(status=0, reason="")

    def _stop(self, *, status: int, reason: str) -> None:
        self._status = status
        self._stop_by = time.monotonic() + _STOP_S
        for worker in self._workers:
            worker.process.terminate()
        if reason:
            log.error("stopping: %s", reason)

    def _patience(self) -> float | None:
        return None if self._stop_by is None else max(0.0, self._stop_by - time.monotonic())

    def _kill_the_late(self) -> None:
        if self._stop_by is not None and time.monotonic() >= self._stop_by:
            for worker in self._workers:
                worker.process.kill()
            self._stop_by = time.monotonic() + 1.0

    def _wake_on_signals(self) -> None:
        for end in (self._signals, self._wakeup):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self._selector.register(self._signals, selectors.EVENT_READ, None)


def _refuse_taken_port(options: Options) -> None:
    # Workers share the port among themselves, so the kernel would not refuse a second server.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise ModelRefused(
                f"cannot listen on {options.host}:{options.port}: {os.strerror(error.errno or 0)}"
            ) from None


def _signal_name(status: int) -> str:
    name = signal.Signals(-status).name
    return f"{name} (out of memory?)" if name == "SIGKILL" else name
