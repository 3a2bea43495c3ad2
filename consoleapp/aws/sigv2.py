"""S3's presigned addresses of Signature Version 2, which boto3 still makes by default. Pure.

Addresses only: every signed header is Version 4.
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus, unquote_to_bytes

from consoleapp.aws.canonical import Headers, Request, pairs
from consoleapp.aws.sigv4 import Problem, SignatureRefused, check_key_id, is_number

_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided."
    " Check your key and signing method."
)
_OWN: Final = {b"AWSAccessKeyId", b"Signature", b"Expires"}
# Parameters that change what an address means are part of what is signed.
_RESOURCES: Final = frozenset(
    b"accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging"
    b" metrics notification object-lock partNumber policy replication requestPayment restore"
    b" select select-type storageClass tagging torrent uploadId uploads versionId versioning"
    b" versions website response-cache-control response-content-disposition"
    b" response-content-encoding response-content-language response-content-type"
    b" response-expires".split()
)


@dataclass(frozen=True, slots=True)
class Address:
    """What a presigned address claims, not yet believed."""

    key_id: str
    signature: bytes
    expires: bytes


def is_presigned(query: bytes) -> bool:
    return b"AWSAccessKeyId=" in query and b"Signature=" in query and b"Expires=" in query


def is_header(headers: Headers) -> bool:
    """Whether a request is signed by this version in its header, as nobody may."""
    return headers.get(b"authorization", b"").startswith(b"AWS ")


def read(query: bytes) -> Address:
    """Raises SignatureRefused when a part is missing."""
    parts = {name: unquote_to_bytes(value) for name, value in pairs(query)}
    if not all(parts.get(name) for name in _OWN) or not is_number(parts[b"Expires"]):
        message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId."
        raise SignatureRefused(Problem.INCOMPLETE, message)
    key_id = parts[b"AWSAccessKeyId"].decode("latin-1")
    check_key_id(key_id)
    return Address(key_id, parts[b"Signature"], parts[b"Expires"])


def verify(address: Address, request: Request, *, path: bytes, secret: str, now: float) -> None:
    """`path` begins with the bucket, wherever the request names it. Raises SignatureRefused."""
    if now > int(address.expires):
        raise SignatureRefused(Problem.EXPIRED, "Request has expired")
    text = _to_sign(address, request, path)
    expected = b64encode(hmac.digest(secret.encode(), text, "sha1"))
    if not hmac.compare_digest(expected, address.signature):
        raise SignatureRefused(Problem.MISMATCH, _MISMATCH)


def rest_of(query: bytes) -> bytes:
    """The query without what only the signature needed."""
    return b"&".join(
        item
        for item in query.split(b"&")
        if item.partition(b"=")[0] not in _OWN and not item.lower().startswith(b"x-amz-")
    )


def _to_sign(address: Address, request: Request, path: bytes) -> bytes:
    asked = [(name, value) for name, value in pairs(request.query)]
    given = {**request.headers}
    for name, value in asked:
        lowered = name.lower()
        if lowered.startswith(b"x-amz-") or lowered in (b"content-type", b"content-md5"):
            given[lowered] = unquote_plus(value.decode("latin-1")).encode()
    lines = [
        request.method,
        given.get(b"content-md5", b"").strip(),
        given.get(b"content-type", b"").strip(),
        address.expires,
    ]
    lines += [name + b":" + given[name].strip() for name in sorted(given) if _is_amz(name)]
    return b"\n".join([*lines, path + _subresources(asked)])


def _is_amz(name: bytes) -> bool:
    return name.startswith(b"x-amz-")


def _subresources(asked: list[tuple[bytes, bytes]]) -> bytes:
    found = sorted((name, value) for name, value in asked if name in _RESOURCES)
    said = [name + (b"=" + unquote_to_bytes(value) if value else b"") for name, value in found]
    return b"?" + b"&".join(said) if said else b""
