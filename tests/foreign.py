"""Environments of their own for packages whose versions must not meet ours; built once, kept."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

_REQUIREMENTS = Path(__file__).resolve().parent / "environments"
_CACHE = Path(
    os.environ.get("TEST_VENVS_DIR") or Path.home() / ".cache/inference-console/test-venvs"
)


def python_of(name: str) -> Path:
    """The Python of `environments/<name>.txt`. Safe to ask for from several processes."""
    requirements = _REQUIREMENTS / f"{name}.txt"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(requirements.read_bytes() + version.encode()).hexdigest()[:12]
    folder = _CACHE / f"{name}-{digest}"
    complete = folder / "complete"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps"]
            pip += ["--disable-pip-version-check", "-r", str(requirements)]
            subprocess.run(pip, check=True)
            complete.touch()
    return folder / "bin/python"


def run(
    name: str, *arguments: str, credentials: dict[str, str], timeout_s: float = 240
) -> subprocess.CompletedProcess[str]:
    """Runs that Python as a user does who sourced credentials.env: nothing else is told to it."""
    mine = {"PATH", "HOME", "LANG", "PIP_INDEX_URL"}
    return subprocess.run(
        [str(python_of(name)), *arguments],
        env={
            **{key: value for key, value in os.environ.items() if key in mine},
            **credentials,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
            "PYTHONWARNINGS": "ignore",
        },
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
