"""Runs the scripts of `sdk/` in the SageMaker SDK's environment, as a user runs them."""

import json
from pathlib import Path
from typing import Any

from tests import foreign
from tests.live import Console

_SCRIPTS = Path(__file__).parent / "sdk"
_SHIM = Path(__file__).parents[2] / "static" / "python"


def run(console: Console, script: str, *arguments: str) -> dict[str, Any]:
    """What the script's last line tells, in JSON."""
    credentials = {**console.credentials, "PYTHONPATH": str(_SHIM)}
    done = foreign.run("sagemaker", str(_SCRIPTS / script), *arguments, credentials=credentials)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))
