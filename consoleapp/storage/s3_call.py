"""Reads an S3 call: who signed it, which bucket it is for, and what the store will see of it."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from asgiref.typing import HTTPScope
from django.conf import settings

from consoleapp.aws import chunks, sigv2, sigv4
from consoleapp.aws.canonical import Request, joined, pairs
from consoleapp.aws.sigv4 import Claim
from consoleapp.storage import bucket_access
from consoleapp.storage.bucket_access import Signer

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NAME: Final = re.compile(rb"[a-z0-9._-]+")
_VALUE: Final = re.compile(rb"[^\x00-\x1f\x7f]*")
#: The signature's own, and checksums: what signs an address knows no body.
_STAYS: Final = re.compile(
    rb"x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token"
    rb"|content-sha256)$|x-amz-(checksum-|sdk-)"
)
HASH: Final = re.compile(rb"[0-9a-f]{64}")


class Refused(Exception):
    """Answered with S3's error document."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Call:
    """A verified S3 call: where it goes and for which team."""

    #: With the headers of a presigned address among its own.
    request: Request
    claim: Claim
    signer: Signer
    bucket: str
    #: Path and query as the store gets them.
    path: bytes
    query: bytes
    #: The headers that were in the address.
    moved: Mapping[bytes, bytes]

    @property
    def asked(self) -> frozenset[bytes]:
        """The names in the query, however they are encoded: the store decodes them too."""
        return frozenset(unquote_to_bytes(name) for name, _ in pairs(self.query))

    @property
    def is_on_bucket(self) -> bool:
        return self.path.rstrip(b"/").count(b"/") == 1 and not self.query


async def read(scope: HTTPScope) -> Call:
    """Raises SignatureRefused or Refused. Only the head is read; the body may still lie."""
    headers = joined(scope["headers"])
    request = Request(scope["method"].encode(), scope["raw_path"], scope["query_string"], headers)
    bucket, path = _addressed(request)
    if sigv2.is_presigned(request.query):
        claim, signer = await _verified_address(request, path)
        query = sigv2.rest_of(request.query)
    else:
        claim, signer = await _verified(request)
        query = request.query
    # What SDKs say of the operation (x-id) is for their own logs.
    moved = _moved(request)
    kept = [i for i in query.split(b"&") if i and not i.startswith((b"X-Amz-", b"x-id="))]
    kept = [i for i in kept if _header_name(i.partition(b"=")[0]) not in moved]
    whole = replace(request, headers={**moved, **headers})
    call = Call(whole, claim, signer, bucket, path, b"&".join(kept), moved)
    _check_addresses(call)
    return call


def _moved(request: Request) -> dict[bytes, bytes]:
    """SDKs move headers into the addresses that they sign; S3 takes them for headers."""
    if not (b"X-Amz-Algorithm=" in request.query or sigv2.is_presigned(request.query)):
        return {}
    found = {_header_name(n): unquote_to_bytes(v).strip() for n, v in pairs(request.query)}
    moved = {n: v for n, v in found.items() if n.startswith(b"x-amz-") and not _STAYS.match(n)}
    if not all(_NAME.fullmatch(n) and _VALUE.fullmatch(v) for n, v in moved.items()):
        raise Refused(400, "InvalidArgument", "A header in the address is none.")
    return moved


def _header_name(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded).lower()


async def _verified(request: Request) -> tuple[Claim, Signer]:
    if sigv2.is_header(request.headers):
        message = "The authorization mechanism you have provided is not supported."
        raise Refused(400, "InvalidRequest", f"{message} Please use AWS4-HMAC-SHA256.")
    claim = sigv4.read(request.headers, request.query)
    signer = await _signer(claim.key_id, claim.region)
    key = sigv4.signing_key(signer.secret, claim.day, claim.region, claim.service)
    sigv4.verify(claim, request, key=key, payload_hash=_payload_hash(request), now=time.time())
    return claim, signer


async def _verified_address(request: Request, path: bytes) -> tuple[Claim, Signer]:
    address = sigv2.read(request.query)
    region = settings.DEFAULT_REGION
    signer = await _signer(address.key_id, region)
    sigv2.verify(address, request, path=path, secret=signer.secret, now=time.time())
    return Claim(address.key_id, "", region, "s3", (), address.signature, ""), signer


async def _signer(key_id: str, region: str) -> Signer:
    signer = await bucket_access.signer_of(key_id, region)
    if signer is None:
        raise sigv4.unknown_key()
    return signer


def _payload_hash(request: Request) -> bytes:
    given = request.headers.get(b"x-amz-content-sha256")
    if given is None:
        if b"X-Amz-Algorithm=" in request.query:
            return sigv4.UNSIGNED_PAYLOAD
        message = "Missing required header for this request: x-amz-content-sha256"
        raise Refused(400, "InvalidRequest", message)
    known = given == sigv4.UNSIGNED_PAYLOAD or given == chunks.UNSIGNED or given in chunks.SIGNED
    if not known and not HASH.fullmatch(given):
        raise Refused(
            400,
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- marker or a sha256 value.",
        )
    return given


def _addressed(request: Request) -> tuple[str, bytes]:
    """Bucket and path, from `/bucket/key` or from `bucket.host`."""
    host = request.headers.get(b"host", b"").decode("latin-1").rpartition(":")
    name = (host[0] or host[2]).lower()
    for base in ("localhost", urlsplit(settings.PUBLIC_URL).hostname or "localhost"):
        if name.endswith(f".{base}"):
            bucket = name[: -len(base) - 1]
            return bucket, b"/" + bucket.encode() + request.path
    if not request.path.startswith(b"/"):
        raise Refused(400, "InvalidURI", "Couldn't parse the specified URI.")
    bucket = request.path.split(b"/")[1].decode("latin-1")
    return bucket, request.path


def _check_addresses(call: Call) -> None:
    if call.bucket and (not _BUCKET.fullmatch(call.bucket) or ".." in call.bucket):
        raise Refused(400, "InvalidBucketName", "The specified bucket is not valid.")
    named = [call.path, call.request.headers.get(b"x-amz-copy-source", b"")]
    named += [value for _, value in pairs(call.query)]
    # The store keeps keys as paths: a step upwards would leave the bucket that was checked.
    if any(climbs(unquote_to_bytes(each)) for each in named):
        raise Refused(400, "InvalidURI", "Couldn't parse the specified URI.")


def climbs(path: bytes) -> bool:
    """Whether a path steps out of where it starts."""
    return any(step in (b".", b"..") for step in path.split(b"/"))
