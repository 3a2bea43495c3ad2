"""Runs one of these modules in processes of its own, and reads what it found."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.live import ROOT

#: Nobody listens: waking is not what races here.
NO_REDIS = {"REDIS_URL": "redis://127.0.0.1:1/0"}


def found(module: str, state: Path, **environment: str) -> dict[str, Any]:
    """What each scenario of the module gave, on the database that is in the environment or a
    file below `state`."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**os.environ, "STATE_DIR": str(state), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
