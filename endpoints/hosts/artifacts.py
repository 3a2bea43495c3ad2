"""Model artifacts on this machine: fetched once for each (address, content), safely unpacked.

Instances share the unpacked folder; whoever is first fills it, the others wait for its lock.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Team
from consoleapp.storage import archives, s3

_MIB: Final = 2**20


def fetch(account: str, region: str, url: str, say: Callable[[str], None]) -> Path:
    """The folder that holds the unpacked model; tells `say` when it is not here yet. Raises
    CallerError when the address holds none, or not an archive that may be unpacked."""
    actor = Actor.system(Team.objects.get(account_id=account), region)
    folder = settings.STATE_DIR / "models" / _key(actor, url)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(folder):
        if folder.is_dir():
            os.utime(folder)
            return folder
        say(f"Fetching model {url}")
        _fill(actor, url, folder)
    return folder


def _key(actor: Actor, url: str) -> str:
    # An object that was replaced has another ETag: running instances keep the old folder.
    version = s3.head(actor, url).etag if url.startswith("s3://") else ""
    return hashlib.sha256(f"{actor.account_id}\n{url}\n{version}".encode()).hexdigest()[:24]


def _fill(actor: Actor, url: str, folder: Path) -> None:
    beside = folder.with_suffix(f".{os.getpid()}")
    archive = beside.with_suffix(".tar.gz")
    limit_bytes = int(quotas.limit(actor.team, "models.artifact_mib.max") * _MIB)
    try:
        archives.fetch(actor, url, archive, limit_bytes)
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
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
