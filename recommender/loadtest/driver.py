"""Driver: starts one load generator process, reads its reports, stops it."""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from recommender.loadtest.report import SecondReport
from recommender.loadtest.spec import LoadSpec

_ROOT: Final = Path(__file__).resolve().parents[2]
_READ_BYTES: Final = 1 << 16
_REASON_BYTES: Final = 2000
#: The generator itself gives answers under way two seconds to arrive.
STOP_WITHIN_S: Final = 5.0


class Driver:
    """Start it from a thread that lives as long as the test: the generator dies with that thread.

    with Driver(spec) as driver:
        while not driver.ended:
            for report in driver.poll(1.0): ...
    """

    def __init__(self, spec: LoadSpec) -> None:
        self.spec = spec
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in close()
        self._buffer = b""
        self._ended = False
        self._stopping = False
        #: How the generator ended, with its last words, where that was not by finishing.
        self.failure: str | None = None

    def start(self) -> None:
        """Returns at once; the first report comes a second after the traffic's start."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "recommender.loadtest.generator", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=_ROOT,
            # Its own session: a Ctrl-C meant for the console is not the generator's to answer.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        try:
            with self._process.stdin as stdin:
                stdin.write(self.spec.to_json().encode())
        except BrokenPipeError:
            return  # It ended at once: poll() says why.

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def ended(self) -> bool:
        """Whether every report has been read and no more will come."""
        return self._ended

    def poll(self, timeout_s: float = 0.0) -> list[SecondReport]:
        """The reports that have come, after waiting at most `timeout_s` for the first.

        Never raises for what the generator does: look at `ended` and `failure`.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        if self._ended or not _readable(self._process.stdout.fileno(), timeout_s):
            return []
        return self._reports(self._read())

    def stop(self, within_s: float = STOP_WITHIN_S) -> list[SecondReport]:
        """Finish now: the reports not read so far, the partial last second among them."""
        if self._process is None or self._ended:
            return []
        self._stopping = True
        self._process.terminate()
        deadline = time.monotonic() + within_s
        reports: list[SecondReport] = []
        while not self._ended and time.monotonic() < deadline:
            reports += self.poll(max(0.0, deadline - time.monotonic()))
        if not self._ended:
            self.kill()
        return reports

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._ended = True

    def close(self) -> None:
        self.kill()
        self._stderr.close()
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _last_words(self) -> str:
        """The end of what the generator wrote to stderr."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _REASON_BYTES))
        return self._stderr.read().decode("utf-8", "replace").strip()

    def _read(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        parts: list[bytes] = []
        while True:
            try:
                part = os.read(handle, _READ_BYTES)
            except BlockingIOError:
                break
            if not part:
                self._end()
                break
            parts.append(part)
        return b"".join(parts)

    def _reports(self, data: bytes) -> list[SecondReport]:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [SecondReport.from_line(line) for line in lines]

    def _end(self) -> None:
        assert self._process is not None
        self._ended = True
        code = self._process.wait()
        # Told to stop before it had got as far as listening for that.
        too_early = self._stopping and code == -signal.SIGTERM
        if code != 0 and not too_early:
            self.failure = f"the load generator ended with {code}: {self._last_words()}"


def _readable(handle: int, timeout_s: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(handle, selectors.EVENT_READ)
        return bool(selector.select(timeout_s))
