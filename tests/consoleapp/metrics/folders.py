"""Makes instance folders as a runner does, around real processes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from consoleapp.metrics import procfs
from tests.consoleapp.metrics.samples import ACCOUNT, REGION

GROUP = "/aws/sagemaker/Endpoints/churn"
# Half a core each: a parent and its child burn and rest by turns, and say so first.
HALF_A_CORE_EACH = """
import os, sys, time
child = os.fork()
print("burning", flush=True)
while os.getppid() != 1:
    busy_until = time.process_time() + 0.02
    started = time.monotonic()
    while time.process_time() < busy_until:
        pass
    time.sleep(time.monotonic() - started)
"""
FORTY_MIB = """
import time
held = bytearray(40 * 1024 * 1024)
held[::4096] = b"x" * len(held[::4096])
print("holding", flush=True)
time.sleep(600)
"""


def describe(directory: Path, name: str = "churn-A-0", **changes: Any) -> Path:
    folder = directory / name
    folder.mkdir(parents=True, exist_ok=True)
    description = {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint": "churn",
        "variant": "A",
        "instance": name,
        "pid": 0,
        "pid_start": 0,
        "log_group": GROUP,
        "log_stream": f"A/{name}",
        "vcpus": 2.0,
        "cpu_granted": 1.0,
        "memory_mib": 100,
    }
    beside = folder / ".instance.json"
    beside.write_text(json.dumps(description | changes))
    beside.replace(folder / "instance.json")
    return folder


@contextmanager
def running(program: str) -> Iterator[dict[str, Any]]:
    """A process in a session of its own, once it has said its first line; its pid and start."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield {"pid": process.pid, "pid_start": procfs.process(process.pid).start_ticks}
    finally:
        for member in procfs.tree(process.pid, procfs.snapshot()):
            subprocess.run(["kill", "-9", str(member.pid)], check=False)
        process.wait()
        process.stdout.close()
