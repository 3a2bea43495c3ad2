"""Model artifacts on this machine: fetched once for each (address, content), safely unpacked.

Instances share the unpacked folder; whoever is first fills it, the others wait for its lock. It
stays for the next that wants it, and goes once nobody has for a week.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.models import Team
from consoleapp.storage import archives, s3
from endpoints.hosts import state

_MIB: Final = 2**20
_KEPT_S: Final = 7 * 86_400.0
_LOCK: Final = ".lock"
#: An alarm that falls into a destructor is lost: Python lets none of those raise.
_RINGS_AGAIN_S: Final = 5.0


class _TooLate(BaseException):
    """No Exception: clients take those for errors of the network, and try again."""


def fetch(
    account: str, region: str, url: str, say: Callable[[str], None], *, within_s: float
) -> Path:
    """The folder that holds the unpacked model; tells `say` when it is not here yet. Raises
    CallerError when the address holds none, or not an archive that may be unpacked, or when it is
    not here within that time. Call it in the main thread."""
    actor = Actor.system(Team.objects.get(account_id=account), region)
    try:
        with _alarm(within_s):
            return _fetch(actor, url, say, within_s)
    except _TooLate:
        raise ValidationFailed(
            f'Failed to download model data from URL: "{url}" within {within_s:g} s'
            " (ModelDataDownloadTimeoutInSeconds)"
        ) from None


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raises _TooLate wherever it is by then: in a download, an archive or another's lock."""

    def ring(*_: object) -> None:
        raise _TooLate

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, _RINGS_AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _fetch(actor: Actor, url: str, say: Callable[[str], None], within_s: float) -> Path:
    folder = _models() / _key(actor, url)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(folder):
        if not folder.is_dir():
            say(f"Fetching model {url}")
            _remove_left_over(folder)
            _fill(actor, url, folder, within_s)
        os.utime(folder)
    return folder


def _remove_left_over(folder: Path) -> None:
    """Of whoever was killed while it held the lock."""
    for path in folder.parent.glob(f"{folder.name}.[0-9]*"):
        _remove(path)


def remove_unused() -> None:
    """Models, and what is left of downloads, that nobody has fetched and no instance runs."""
    old = [path for path in _models().glob("*") if path.suffix != _LOCK and _is_old(path)]
    running = _told_of_instances() if old else ""
    for path in old:
        key = path.name.partition(".")[0]
        with _only_one(path.with_name(key)):
            # Whoever has fetched it since has made it young.
            if path.name not in running and _is_old(path):
                _remove(path)


def _is_old(path: Path) -> bool:
    return path.exists() and path.stat().st_mtime < time.time() - _KEPT_S


def _told_of_instances() -> str:
    told = []
    for path in settings.INSTANCES_DIR.glob(f"*/{state.PREPARED}"):
        with suppress(FileNotFoundError):
            told.append(path.read_text())
    return "\n".join(told)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _models() -> Path:
    folder: Path = settings.STATE_DIR / "models"
    return folder


def _key(actor: Actor, url: str) -> str:
    # An object that was replaced has another ETag: running instances keep the old folder.
    version = s3.head(actor, url).etag if url.startswith("s3://") else ""
    return hashlib.sha256(f"{actor.account_id}\n{url}\n{version}".encode()).hexdigest()[:24]


def _fill(actor: Actor, url: str, folder: Path, within_s: float) -> None:
    beside = folder.with_suffix(f".{os.getpid()}")
    archive = beside.with_suffix(".tar.gz")
    limit_bytes = int(quotas.limit(actor.team, "models.artifact_mib.max") * _MIB)
    try:
        archives.fetch(actor, url, archive, limit_bytes, within_s=within_s)
        beside.mkdir(mode=0o700)
        archives.unpack(archive, beside, _limits(actor))
        beside.rename(folder)
    finally:
        archive.unlink(missing_ok=True)
        shutil.rmtree(beside, ignore_errors=True)


def _limits(actor: Actor) -> archives.Limits:
    return archives.Limits(
        files=int(quotas.limit(actor.team, "models.files.max")),
        total_bytes=int(quotas.limit(actor.team, "models.unpacked_mib.max") * _MIB),
        ratio=quotas.limit(actor.team, "archive.ratio.max"),
    )


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with folder.with_suffix(_LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
