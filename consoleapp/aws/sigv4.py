"""AWS Signature Version 4: reading what a request claims, checking it, signing our own.

Pure: no Django, no boto3. The gateway checks with day-scoped keys, the web process with secrets.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from consoleapp.aws.canonical import Headers, Request, canonical, pairs

ALGORITHM: Final = b"AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD: Final = b"UNSIGNED-PAYLOAD"
EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest().encode()
SKEW_S: Final = 300
LONGEST_PRESIGNED_S: Final = 7 * 24 * 3600
_DIGITS: Final = 20
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided."
    " Check your AWS Secret Access Key and signing method."
    " Consult the service documentation for details."
)


class Problem(StrEnum):
    """What is wrong with a signature; each protocol has its own word for it (see CODES)."""

    MISSING = "missing"
    INCOMPLETE = "incomplete"
    UNKNOWN_KEY = "unknown key"
    MISMATCH = "mismatch"
    SKEWED = "skewed"
    EXPIRED = "expired"


JSON_CODES: Final[Mapping[Problem, str]] = {
    Problem.MISSING: "MissingAuthenticationToken",
    Problem.INCOMPLETE: "IncompleteSignature",
    Problem.UNKNOWN_KEY: "UnrecognizedClientException",
    Problem.MISMATCH: "InvalidSignatureException",
    Problem.SKEWED: "InvalidSignatureException",
    Problem.EXPIRED: "InvalidSignatureException",
}
QUERY_CODES: Final[Mapping[Problem, str]] = {
    **JSON_CODES,
    Problem.UNKNOWN_KEY: "InvalidClientTokenId",
    Problem.MISMATCH: "SignatureDoesNotMatch",
    Problem.SKEWED: "SignatureDoesNotMatch",
    Problem.EXPIRED: "SignatureDoesNotMatch",
}
S3_CODES: Final[Mapping[Problem, str]] = {
    Problem.MISSING: "AccessDenied",
    Problem.INCOMPLETE: "AuthorizationHeaderMalformed",
    Problem.UNKNOWN_KEY: "InvalidAccessKeyId",
    Problem.MISMATCH: "SignatureDoesNotMatch",
    Problem.SKEWED: "RequestTimeTooSkewed",
    Problem.EXPIRED: "AccessDenied",
}


class SignatureRefused(Exception):
    """The request is not who it says it is. Answer 403 with the protocol's code for `problem`."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.message = message


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says about itself, not yet believed."""

    key_id: str
    day: str
    region: str
    service: str
    signed_headers: tuple[bytes, ...]
    signature: bytes
    stamp: str
    #: Seconds a presigned address lives; None for a signed header.
    expires_s: int | None = None

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.service}"


def is_signed(headers: Headers, query: bytes) -> bool:
    """Whether the request claims a Version 4 signature at all, in a header or in its query."""
    return headers.get(b"authorization", b"").startswith(ALGORITHM) or b"X-Amz-Algorithm=" in query


def read(headers: Headers, query: bytes) -> Claim:
    """The claim of a request. Raises SignatureRefused: MISSING, or INCOMPLETE with what lacks."""
    authorization = headers.get(b"authorization", b"")
    if authorization.startswith(ALGORITHM):
        return _from_header(authorization, headers)
    if b"X-Amz-Algorithm=" in query:
        return _from_query(query)
    raise SignatureRefused(Problem.MISSING, "Missing Authentication Token")


def _from_header(authorization: bytes, headers: Headers) -> Claim:
    parts = dict[bytes, bytes]()
    for item in authorization[len(ALGORITHM) :].split(b","):
        name, _, value = item.strip().partition(b"=")
        parts[name] = value
    for name in (b"Credential", b"SignedHeaders", b"Signature"):
        if not parts.get(name):
            raise _incomplete(f"Authorization header requires '{name.decode()}' parameter.")
    stamp = headers.get(b"x-amz-date", b"").decode("latin-1")
    if not stamp:
        raise _incomplete("Authorization header requires existence of a 'X-Amz-Date' header.")
    return _claim(parts[b"Credential"], parts[b"SignedHeaders"], parts[b"Signature"], stamp=stamp)


def _from_query(query: bytes) -> Claim:
    parts = {name: unquote_to_bytes(value) for name, value in pairs(query)}
    for name in (b"Credential", b"SignedHeaders", b"Signature", b"Date", b"Expires"):
        if not parts.get(b"X-Amz-" + name):
            raise _incomplete(f"Query-string authentication requires X-Amz-{name.decode()}.")
    expires = parts[b"X-Amz-Expires"]
    if not is_number(expires) or not 1 <= int(expires) <= LONGEST_PRESIGNED_S:
        raise _incomplete("X-Amz-Expires must be between 1 and 604800 seconds")
    return _claim(
        parts[b"X-Amz-Credential"],
        parts[b"X-Amz-SignedHeaders"],
        parts[b"X-Amz-Signature"],
        stamp=parts[b"X-Amz-Date"].decode("latin-1"),
        expires_s=int(expires),
    )


def _claim(
    credential: bytes,
    signed: bytes,
    signature: bytes,
    *,
    stamp: str,
    expires_s: int | None = None,
) -> Claim:
    scope = credential.decode("latin-1").split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements,"
            " e.g. keyid/date/region/service/aws4_request"
        )
    if stamp[:8] != scope[1]:
        raise SignatureRefused(
            Problem.MISMATCH,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date"
            f" from HTTP: '{scope[1]}' != '{stamp[:8]}', from '{stamp}'.",
        )
    check_key_id(scope[0])
    names = tuple(signed.lower().split(b";"))
    return Claim(scope[0], scope[1], scope[2], scope[3], names, signature, stamp, expires_s)


def _incomplete(message: str) -> SignatureRefused:
    return SignatureRefused(Problem.INCOMPLETE, message)


def is_number(text: bytes) -> bool:
    """Of as many digits as int() reads and a time may need."""
    return text.isdigit() and len(text) <= _DIGITS


def check_key_id(key_id: str) -> None:
    """What no key is called is not looked up: PostgreSQL stumbles over a NUL."""
    if not (key_id.isascii() and key_id.isalnum()):
        raise unknown_key()


def unknown_key() -> SignatureRefused:
    return SignatureRefused(
        Problem.UNKNOWN_KEY, "The security token included in the request is invalid."
    )


def verify(claim: Claim, request: Request, *, key: bytes, payload_hash: bytes, now: float) -> None:
    """Raises SignatureRefused unless the request was signed with `key`, in time.

    `payload_hash` is the hex digest of the body, or the marker that stands for it: the caller
    decides which markers it accepts. `key` is the signing key of the claim's own scope.
    """
    _check_time(claim, now)
    _check_coverage(claim, request.headers)
    expected = _signature(claim, request, key=key, payload_hash=payload_hash)
    if not hmac.compare_digest(expected, claim.signature):
        raise SignatureRefused(Problem.MISMATCH, _MISMATCH)


def _check_time(claim: Claim, now: float) -> None:
    signed_at = _instant(claim.stamp)
    if signed_at > now + SKEW_S:
        raise SignatureRefused(
            Problem.SKEWED,
            f"Signature not yet current: {claim.stamp} is still later than"
            f" {_stamp(now + SKEW_S)} ({_stamp(now)} + 5 min.)",
        )
    if claim.expires_s is not None and now > signed_at + claim.expires_s:
        raise SignatureRefused(Problem.EXPIRED, "Request has expired")
    if claim.expires_s is None and signed_at < now - SKEW_S:
        raise SignatureRefused(
            Problem.SKEWED,
            f"Signature expired: {claim.stamp} is now earlier than"
            f" {_stamp(now - SKEW_S)} ({_stamp(now)} - 5 min.)",
        )


# All requests of a second bear the same stamp, and reading one costs more than the digests.
@lru_cache(maxsize=64)
def _instant(when: str) -> float:
    try:
        return datetime.strptime(when, _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise _incomplete(f"Date must be in ISO-8601 'basic format'. Got '{when}'.") from None


def _check_coverage(claim: Claim, headers: Headers) -> None:
    # A header that steers us but is not signed could be added by anyone on the way.
    signed = claim.signed_headers
    if b"host" not in signed:
        raise SignatureRefused(Problem.MISMATCH, "'Host' must be a signed header.")
    for name in headers:
        if name.startswith(b"x-amz-") and name not in signed:
            raise SignatureRefused(
                Problem.MISMATCH,
                f"There were headers present in the request which were not signed: {name.decode()}",
            )


def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The key of one day, region and service: it signs, and tells nothing about the secret."""
    key = b"AWS4" + secret.encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def day_scoped_keys(
    secret: str, *, days: Iterable[str], regions: Iterable[str], service: str = "sagemaker"
) -> dict[str, str]:
    """Scope -> signing key in base64, as the gateway's key table holds them."""
    regions = tuple(regions)
    return {
        f"{day}/{region}/{service}": b64encode(signing_key(secret, day, region, service)).decode()
        for day in days
        for region in regions
    }


def sign(
    request: Request, *, key_id: str, secret: str, region: str, service: str, now: float
) -> bytes:
    """The Authorization header for a request of ours.

    Its headers must hold host, x-amz-date (see `stamp`) and x-amz-content-sha256; all are signed.
    """
    when = _stamp(now)
    signed = tuple(sorted(request.headers))
    claim = Claim(key_id, when[:8], region, service, signed, b"", when)
    key = signing_key(secret, claim.day, region, service)
    payload_hash = request.headers[b"x-amz-content-sha256"]
    signature = _signature(claim, request, key=key, payload_hash=payload_hash)
    return b"%s Credential=%s/%s/aws4_request, SignedHeaders=%s, Signature=%s" % (
        ALGORITHM,
        key_id.encode(),
        claim.scope.encode(),
        b";".join(signed),
        signature,
    )


def _signature(claim: Claim, request: Request, *, key: bytes, payload_hash: bytes) -> bytes:
    covered = canonical(request, claim.signed_headers, payload_hash, service=claim.service)
    digest = hashlib.sha256(covered).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{claim.stamp}\n{claim.scope}/aws4_request\n{digest}"
    return hmac.digest(key, text.encode("latin-1"), "sha256").hex().encode()


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime(_STAMP)


def stamp(now: float) -> bytes:
    """The value of X-Amz-Date at that Unix time."""
    return _stamp(now).encode()
