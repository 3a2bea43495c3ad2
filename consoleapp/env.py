"""Reads the process environment, strictly: an unknown boolean or a bad number stops the start.

Pure: no Django here, so that the gateway and the supervisor can read the same settings.
"""

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Final

_TRUE: Final = {"1", "true", "yes", "on"}
_FALSE: Final = {"0", "false", "no", "off", ""}


class BadSetting(ValueError):
    """An environment variable holds a value that cannot be used."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise BadSetting(f"{name}={value!r} is not a boolean: use one of 1, true, 0, false")


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise BadSetting(f"{name}={value!r} is not a whole number") from None


def fraction(name: str, default: float) -> float:
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        return float(value)
    except ValueError:
        raise BadSetting(f"{name}={value!r} is not a number") from None


def names(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def state_dir() -> Path:
    """Where this copy keeps everything it writes (STATE_DIR, default ./var)."""
    return Path(text("STATE_DIR", "var")).resolve()


def ensure_secret(name: str) -> str:
    """A secret of this copy: the environment's, else one made once and kept in STATE_DIR (0600)."""
    given = os.environ.get(name)
    if given:
        return given
    path = state_dir() / "secrets.json"
    return _kept(path).get(name) or _made(name, path)


def _kept(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _made(name: str, path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # One at a time: what another process adds meanwhile must not be written over.
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _kept(path)
        if name not in kept:
            kept[name] = secrets.token_urlsafe(32)
            _write_private(path, json.dumps(kept, indent=1))
    return kept[name]


def _write_private(path: Path, content: str) -> None:
    # Written beside and renamed: two processes that start together never read half a file.
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
    beside.replace(path)
