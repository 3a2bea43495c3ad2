"""Whose key signed an S3 call, and whose bucket it is for: the pass-through's view of the rows."""

import time
from dataclasses import dataclass
from typing import Final

from asgiref.sync import sync_to_async
from django.db import IntegrityError, close_old_connections, transaction

from consoleapp.accounts import keys
from consoleapp.storage.models import Bucket

#: A revoked key is refused after at most as long, here as in the gateway.
_KEPT_S: Final = 2.0
_KEPT_KEYS: Final = 1024


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign, and the team it signs for."""

    secret: str
    team_pk: int
    account: str


_signers: dict[str, tuple[float, Signer | None]] = {}


async def signer_of(key_id: str) -> Signer | None:
    """None for a key that does not exist, is revoked, or whose user may not act."""
    kept = _signers.get(key_id)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    signer = await sync_to_async(_look_up, thread_sensitive=False)(key_id)
    if len(_signers) >= _KEPT_KEYS:
        _signers.clear()
    _signers[key_id] = (time.monotonic() + _KEPT_S, signer)
    return signer


def _look_up(key_id: str) -> Signer | None:
    close_old_connections()
    key = keys.active().filter(key_id=key_id).first()
    if key is None:
        return None
    return Signer(keys.secret_of(key), key.team_id, key.team.account_id)


async def owner_of(bucket: str) -> int | None:
    """The team's primary key; None when there is no such bucket."""
    row = await Bucket.objects.filter(name=bucket).values_list("team_id", flat=True).afirst()
    return row


async def claim(bucket: str, *, team_pk: int, region: str) -> bool:
    """Takes the name for the team before the bucket is made; False when another has it."""
    return await sync_to_async(_claim, thread_sensitive=False)(bucket, team_pk, region)


def _claim(bucket: str, team_pk: int, region: str) -> bool:
    close_old_connections()
    try:
        with transaction.atomic():
            Bucket.objects.create(name=bucket, team_id=team_pk, region=region)
    except IntegrityError:
        return False
    return True


async def release(bucket: str) -> None:
    await Bucket.objects.filter(name=bucket).adelete()


async def buckets_of(team_pk: int) -> list[tuple[str, str]]:
    """Name and creation time, as ListBuckets tells them."""
    rows = Bucket.objects.filter(team_id=team_pk).order_by("name")
    return [(row.name, f"{row.created_at:%Y-%m-%dT%H:%M:%S.000Z}") async for row in rows]
