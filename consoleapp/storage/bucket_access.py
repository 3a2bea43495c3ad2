"""Whose key signed an S3 call, and whose bucket it is for: the pass-through's view of the rows."""

import time
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Membership
from consoleapp.accounts.threads import in_thread
from consoleapp.storage import buckets
from consoleapp.storage.models import Bucket

#: A revoked key is refused after at most as long, here as in the gateway.
_KEPT_S: Final = 2.0
_KEPT_KEYS: Final = 1024


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign, and who acts by it."""

    secret: str
    actor: Actor


_signers: dict[tuple[str, str], tuple[float, Signer | None]] = {}


async def signer_of(key_id: str, region: str) -> Signer | None:
    """None for a key that does not exist, is revoked, or whose user may not act."""
    kept = _signers.get((key_id, region))
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    signer = await in_thread(lambda: _look_up(key_id, region))
    if len(_signers) >= _KEPT_KEYS:
        _signers.clear()
    _signers[(key_id, region)] = (time.monotonic() + _KEPT_S, signer)
    return signer


def _look_up(key_id: str, region: str) -> Signer | None:
    key = keys.active().filter(key_id=key_id).first()
    if key is None:
        return None
    role = Membership.objects.values_list("role", flat=True).get(team=key.team, user=key.user)
    # Names are global, so a bucket is found from any region; a new one lies in ours.
    here = region if region in settings.REGIONS else settings.DEFAULT_REGION
    actor = Actor(team=key.team, region=here, role=role, user=key.user)
    return Signer(keys.secret_of(key), actor)


async def is_owned(actor: Actor, bucket: str) -> bool:
    return await in_thread(lambda: buckets.owned(actor).filter(name=bucket).exists())


async def create(actor: Actor, bucket: str) -> None:
    """Raises what buckets.create_bucket raises."""
    await in_thread(lambda: buckets.create_bucket(actor, bucket))


async def delete(actor: Actor, bucket: str) -> None:
    """Raises what buckets.delete_bucket raises."""
    await in_thread(lambda: buckets.delete_bucket(actor, bucket))


async def owned(actor: Actor) -> list[Bucket]:
    return await in_thread(lambda: list(buckets.owned(actor)))
