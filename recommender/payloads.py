"""The sample payloads of a job: fetched and safely unpacked once, into a folder of the job."""

import os
import shutil
from pathlib import Path
from typing import Final

from django.conf import settings

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.storage import archives
from recommender.errors import TestFailed
from recommender.models import Job

_MIB: Final = 2**20
_READY: Final = "payloads"
_MAKING: Final = "payloads.making"


def ensure(job: Job, url: str) -> list[Path]:
    """The payload files, fetched now if they are not there. Raises TestFailed with the reason."""
    ready = folder(job) / _READY
    if not ready.is_dir():
        _make(job, url, ready)
    return files(job)


def files(job: Job) -> list[Path]:
    """What was unpacked, in a stable order; empty before `ensure`."""
    ready = folder(job) / _READY
    return sorted(path for path in ready.rglob("*") if path.is_file())


def folder(job: Job) -> Path:
    return Path(settings.STATE_DIR) / "jobs" / str(job.pk)


def remove(job: Job) -> None:
    shutil.rmtree(folder(job), ignore_errors=True)


def _make(job: Job, url: str, ready: Path) -> None:
    making = folder(job) / _MAKING
    archive = folder(job) / "payloads.tar.gz"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700, parents=True)
    limits = quotas.limits(job.team)
    actor = Actor.system(job.team, job.region)
    try:
        archives.fetch(actor, url, archive, int(limits["payload.archive_mib.max"] * _MIB))
        unpacked = archives.unpack(archive, making, _limits(limits))
    except CallerError as refused:
        raise TestFailed(
            f"The sample payload archive cannot be used: {refused.message}", {"payload": url}
        ) from refused
    finally:
        archive.unlink(missing_ok=True)
    if not any(path.is_file() for path in unpacked):
        raise TestFailed("The sample payload archive holds no files.", {"payload": url})
    # Renamed when complete: a crash leaves no half of an archive behind.
    os.rename(making, ready)


def _limits(limits: dict[str, float]) -> archives.Limits:
    return archives.Limits(
        files=int(limits["payload.files.max"]),
        total_bytes=int(limits["payload.unpacked_mib.max"] * _MIB),
        file_bytes=int(limits["payload.file_mib.max"] * _MIB),
        ratio=limits["archive.ratio.max"],
    )
