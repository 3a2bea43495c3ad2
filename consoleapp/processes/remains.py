"""Ends model servers that outlive their console: they run in sessions of their own."""

import json
import time
from pathlib import Path

import psutil


def end_instances(state: Path, *, grace_s: float = 5) -> int:
    """Stops every model server that this STATE_DIR's console has started; answers how many."""
    running = [found for found in map(_process, _records(state)) if found is not None]
    for process in running:
        _ask(process)
    deadline = time.monotonic() + grace_s
    _, left = psutil.wait_procs(running, timeout=max(0.0, deadline - time.monotonic()))
    for process in left:
        process.kill()
    return len(running)


def _records(state: Path) -> list[Path]:
    return sorted((state / "instances").glob("*/instance.json"))


def _process(record: Path) -> psutil.Process | None:
    """The process of an instance, if it is still that one: pid and start time must agree."""
    try:
        told = json.loads(record.read_text())
        process = psutil.Process(told["pid"])
        alike = abs(process.create_time() - told["pid_start"]) < 1.0
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    return process if alike else None


def _ask(process: psutil.Process) -> None:
    try:
        # A duty cycle may have it stopped: a stopped process never sees TERM.
        process.resume()
        process.terminate()
    except psutil.NoSuchProcess:
        return
