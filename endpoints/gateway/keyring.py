"""Who may invoke: access keys with their day-scoped signing keys, as published.

The gateway never sees a secret: a stolen table signs for three days at most.
"""

import hashlib
import json
import logging
import time
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from consoleapp.aws.canonical import Request
from consoleapp.aws.sigv4 import (
    Claim,
    Problem,
    SignatureRefused,
    unknown_key,
    verify,
)
from endpoints.wire.request import RequestHead

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    account: str
    signing_keys: Mapping[str, bytes]


class Keyring:
    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}

    def replace(self, published: Mapping[bytes, bytes]) -> None:
        """A key that is not published any more signs nothing from now on."""
        keys: dict[str, Key] = {}
        for key_id, raw in published.items():
            try:
                keys[key_id.decode()] = _read(raw)
            except (ValueError, KeyError, TypeError, AttributeError):
                logger.exception("the published key %r cannot be read", key_id)
        self._keys = keys

    def account_of(self, claim: Claim) -> str:
        """The account a claim speaks for. Raises SignatureRefused; nothing is verified yet."""
        key = self._keys.get(claim.key_id)
        if key is None:
            raise unknown_key()
        if claim.service != "sagemaker":
            raise SignatureRefused(
                Problem.MISMATCH, "Credential should be scoped to correct service: 'sagemaker'."
            )
        return key.account

    def verify(self, claim: Claim, head: RequestHead, body: bytes) -> None:
        """Raises SignatureRefused unless the whole request is signed by the claim's key."""
        key = self._keys.get(claim.key_id)
        if key is None:
            raise unknown_key()
        digest = hashlib.sha256(body).hexdigest().encode()
        verify(
            claim,
            Request(head.line.method, head.line.path, head.line.query, head.headers),
            key=_signing_key(key, claim),
            payload_hash=digest,
            now=time.time(),
        )


def _signing_key(key: Key, claim: Claim) -> bytes:
    found = key.signing_keys.get(claim.scope)
    if found is not None:
        return found
    if not any(f"/{claim.region}/" in scope for scope in key.signing_keys):
        message = f"Credential should be scoped to a valid region, not '{claim.region}'."
        raise SignatureRefused(Problem.MISMATCH, message)
    raise SignatureRefused(Problem.SKEWED, f"Signature expired: {claim.stamp} is not of today.")


def _read(raw: bytes) -> Key:
    fields = json.loads(raw)
    keys = {scope: b64decode(key) for scope, key in fields["signing_keys"].items()}
    return Key(str(fields["account"]), keys)
