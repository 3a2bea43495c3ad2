"""`manage.py demo` starts a console of its own where none runs, and takes it along when it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_up import mentions
from tests.live import ROOT, Console, wait_for

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_stopped_while_its_console_starts_leaves_nothing_running(
    tmp_path: Path, asked: signal.Signals
) -> None:
    console = Console(tmp_path / "var")
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env={**os.environ, "STATE_DIR": str(console.state), "PORT": str(console.port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid_file = console.state / "run" / "supervisord.pid"
    wait_for("its console's supervisor", pid_file.exists, timeout_s=120)
    demo.send_signal(asked)
    _, said = demo.communicate(timeout=60)
    assert demo.returncode != 0
    assert "stopped" in said
    assert not mentions(console)
