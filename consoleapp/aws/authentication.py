"""Who signed a request: the access key's team and user, in the region of the signature."""

import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.conf import settings

from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.accounts.models import AccessKey, Membership
from consoleapp.aws import sigv4
from consoleapp.aws.answers import Protocol
from consoleapp.aws.canonical import Request

_STATUS: Final = {sigv4.Problem.INCOMPLETE: 400}


class Refused(CallerError):
    """The signature is missing, wrong, out of time, or of an unknown key."""

    status = 403

    def __init__(self, refused: sigv4.SignatureRefused, protocol: Protocol) -> None:
        super().__init__(str(refused))
        query = protocol is Protocol.QUERY
        table = sigv4.QUERY_CODES if query else sigv4.JSON_CODES
        self.code = table[refused.problem]
        self.status = _STATUS.get(refused.problem, 403)


class RegionRefused(CallerError):
    """The signature names a region that this console does not have."""

    code = "InvalidSignatureException"
    status = 403


def check_signed(request: Request, protocol: Protocol) -> None:
    """By the head alone, so that nobody's body is read. Raises Refused."""
    try:
        sigv4.read(request.headers, request.query)
    except sigv4.SignatureRefused as refused:
        raise Refused(refused, protocol) from None


def actor_of(request: Request, body: bytes, protocol: Protocol) -> Actor:
    """The actor whose key signed this request. Raises Refused with AWS's code and 403."""
    try:
        claim = sigv4.read(request.headers, request.query)
        holder = _holder(claim.key_id, int(time.monotonic()))
        signing = _signing_key(holder.secret, claim.day, claim.region, claim.service)
        digest = hashlib.sha256(body).hexdigest().encode()
        sigv4.verify(claim, request, key=signing, payload_hash=digest, now=time.time())
    except sigv4.SignatureRefused as refused:
        raise Refused(refused, protocol) from None
    return _actor(holder, claim.region)


@dataclass(frozen=True, slots=True)
class _Holder:
    key: AccessKey
    secret: str
    role: str


@lru_cache(maxsize=256)
def _holder(key_id: str, this_second: int) -> _Holder:
    """Looked up once a second: a revoked key ends within that, as at the gateway within two."""
    key = keys.active().filter(key_id=key_id).first()
    if key is None:
        raise sigv4.unknown_key()
    role = Membership.objects.values_list("role", flat=True).get(team=key.team, user=key.user)
    return _Holder(key, keys.secret_of(key), role)


def _actor(holder: _Holder, region: str) -> Actor:
    if region not in settings.REGIONS:
        raise RegionRefused(
            f"This console has no region '{region}': use one of {', '.join(settings.REGIONS)}."
        )
    return Actor(team=holder.key.team, region=region, role=holder.role, user=holder.key.user)


@lru_cache(maxsize=256)
def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    return sigv4.signing_key(secret, day, region, service)
