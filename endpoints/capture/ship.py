"""Delivers captured records from the spool to S3, in AWS's files, for the team they belong to.

A file goes to one key, derived from its name: one that is delivered twice, after a crash, is
written over itself. It leaves the spool once the store has it.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import Team
from consoleapp.metrics import logs
from consoleapp.metrics.emit import Emitter
from consoleapp.storage import patience, s3
from endpoints.capture import spool
from endpoints.capture.counts import CAPTURED, DROPPED, LOG_STREAM, counted
from endpoints.capture.lines import line
from endpoints.capture.plan import Plan
from endpoints.capture.record import Record, decode_all
from endpoints.capture.spool import Place

log = logging.getLogger(__name__)

#: One round may take as long; what is left waits for the next.
_ROUND_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class _Read:
    place: Place
    plan: Plan
    records: list[Record]


def ship_all() -> int:
    """One round: answers how many files have left the spool. A store that does not answer ends
    it, and the next round tries again."""
    shipped = 0
    deadline = time.monotonic() + _ROUND_S
    with (
        Emitter(settings.INGEST_ADDRESS, settings.INGEST_TOKEN) as emitter,
        patience.short(),
    ):
        for path in spool.deliverable(settings.STATE_DIR / spool.CAPTURE_FOLDER):
            if time.monotonic() > deadline:
                break
            try:
                _ship(path, emitter)
            except (BotoCoreError, ClientError) as away:
                log.warning("Captured data waits: the object store does not take it: %s", away)
                break
            shipped += 1
    return shipped


def _ship(path: Path, emitter: Emitter) -> None:
    read = _read(path)
    if read is not None and read.records:
        name, now = CAPTURED, int(time.time())
        try:
            _deliver(read, path.stem)
        except CallerError as refused:
            name = DROPPED
            _say(read, refused.message)
        emitter.send([counted(read.place, name, len(read.records), now)])
    path.unlink(missing_ok=True)


def _read(path: Path) -> _Read | None:
    """None for a file that holds nothing that could be delivered to anyone."""
    header, _, rest = path.read_bytes().partition(b"\n")
    try:
        place = Place.read(header)
        plan = Plan.of_text(place.config)
    except (ValueError, KeyError, TypeError):
        log.exception("%s is no file of captured data, and is removed", path.name)
        return None
    return _Read(place, plan, list(decode_all(rest))) if plan else None


def _deliver(read: _Read, stem: str) -> None:
    place = read.place
    team = Team.objects.filter(account_id=place.account).first()
    if team is None:
        raise CallerError("The team is gone.")
    actor = Actor.system(team, place.region)
    body = b"".join(line(record, read.plan) for record in read.records)
    s3.deliver(actor, address(read.place, read.plan, stem), body, "application/jsonlines")


def address(place: Place, plan: Plan, stem: str) -> str:
    """`stem`: when the file was begun, in milliseconds, and its own id."""
    began, _, own = stem.partition("-")
    at = datetime.fromtimestamp(int(began) / 1000, UTC)
    folder = f"{plan.uri.rstrip('/')}/{place.endpoint}/{place.variant}/{at:%Y/%m/%d/%H}"
    return f"{folder}/{at:%M-%S}-{at.microsecond // 1000:03d}-{own}.jsonl"


def _say(read: _Read, why: str) -> None:
    place, count = read.place, len(read.records)
    message = f"{count} captured records of {place.variant} were dropped: {why}"
    log.warning("%s: %s", place.endpoint, message)
    group = f"/aws/sagemaker/Endpoints/{place.endpoint}"
    logs.append(place.account, place.region, group, LOG_STREAM, message)
