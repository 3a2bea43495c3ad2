"""What a benchmark needs on this machine, and how to get what is missing."""

import shutil
import sys

_PACKAGES = {
    "wrk": "apt-get install wrk",
    "nginx": "apt-get install nginx-light",
    "hey": "apt-get install hey",
    "cc": "apt-get install gcc libc6-dev",
    "taskset": "apt-get install util-linux",
}


def require(*names: str) -> None:
    """Ends the program, saying what to install, unless every tool is there."""
    missing = [name for name in names if _found(name) is None]
    if missing:
        hints = "\n".join(f"  {name}: {_PACKAGES.get(name, 'not packaged')}" for name in missing)
        sys.exit(f"This benchmark needs tools that are not here:\n{hints}")


def path_of(name: str) -> str:
    found = _found(name)
    assert found is not None, name
    return found


def _found(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
