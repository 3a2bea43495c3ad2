"""Reads a request's head: what it wants, for whom, and what of it the model may see."""

import hmac
import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from consoleapp.aws import sigv4
from consoleapp.aws.sigv4 import Claim, SignatureRefused
from endpoints.gateway import refusals
from endpoints.gateway.keyring import Keyring
from endpoints.gateway.refusals import Refusal
from endpoints.routing.table import route_key
from endpoints.wire.headers import LINES_REMEMBERED
from endpoints.wire.request import RequestHead, RequestLine
from endpoints.wire.shape import SHAPES, HeadReader, Shape

_PATH: Final = re.compile(
    rb"/endpoints/([a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62})"
    rb"/(invocations|invocations-response-stream|async-invocations)"
)
_CACHED_HEAD_LIMIT: Final = 1024
_CACHE_SIZE: Final = 4096
#: Of heads seen once. Small: those that never come again must not push warm memory out.
_SIGHTED_SIZE: Final = 256
# Who asks, and for what: where these differ, nothing of one head holds for another.
_DECISIVE: Final = frozenset(
    {
        b"x-console-token",
        b"x-console-account",
        b"x-console-region",
        b"x-amzn-sagemaker-target-variant",
        *refusals.ELSEWHERE,
    }
)
_AWS_PREFIX: Final = b"x-amzn-sagemaker-"
# AWS strips all headers but those its API knows; the two without the prefix are these.
_PLAIN: Final = {b"content-type": b"Content-Type", b"accept": b"Accept"}
_SPELLED: Final = {
    b"x-amzn-sagemaker-" + name.lower(): b"X-Amzn-SageMaker-" + name
    for name in (
        b"Custom-Attributes",
        b"Target-Model",
        b"Target-Variant",
        b"Target-Container-Hostname",
        b"Inference-Id",
        b"Enable-Explanations",
        b"Inference-Component",
        b"Session-Id",
        b"New-Session-Id",
        b"Closed-Session-Id",
        b"Prefix-Aware-Id",
    )
}


class Kind(Enum):
    HEALTH = auto()
    INVOKE = auto()
    STREAM = auto()
    ASYNC = auto()


_ACTIONS: Final = {
    b"invocations": Kind.INVOKE,
    b"invocations-response-stream": Kind.STREAM,
    b"async-invocations": Kind.ASYNC,
}


class Admitted:
    """A head that was read: either refused, or ready to be sent once its body is there."""

    __slots__ = (
        "account",
        "claim",
        "endpoint",
        "forward",
        "head",
        "kind",
        "key",
        "refusal",
        "target_variant",
    )

    def __init__(self, head: RequestHead) -> None:
        self.head = head
        self.kind = Kind.INVOKE
        self.refusal: Refusal | None = None
        #: Present when the signature is still to be verified, with the body.
        self.claim: Claim | None = None
        self.account = self.endpoint = self.key = ""
        self.target_variant: str | None = None
        #: The rest of the head that the model gets, but for the length of a body in chunks.
        self.forward = b""

    def with_head(self, head: RequestHead, forward: bytes) -> "Admitted":
        """Another request of the same client to the same endpoint, admitted by its token."""
        other = Admitted.__new__(Admitted)
        other.head = head
        other.kind = self.kind
        other.refusal = other.claim = None
        other.account = self.account
        other.endpoint = self.endpoint
        other.key = self.key
        other.target_variant = self.target_variant
        other.forward = forward
        return other


class _Common:
    """What was found out of one head, for all others of its shape."""

    __slots__ = ("_admitted", "_forward", "_forwarded", "_length")

    def __init__(self, admitted: Admitted, shape: Shape) -> None:
        self._admitted = admitted
        self._forward = forwarded(shape.fixed)
        self._forwarded = [(name, lead) for name in shape.names if (lead := _lead(name))]
        self._length = b"" if b"content-length" in shape.names else _length_line(admitted.head)

    def with_head(self, head: RequestHead) -> Admitted:
        forward = self._forward
        for name, lead in self._forwarded:
            forward += lead + head.headers[name] + b"\r\n"
        return self._admitted.with_head(head, forward + (self._length or _length_line(head)))


class Admission:
    def __init__(self, keyring: Keyring, token: str) -> None:
        self._keyring = keyring
        self._token = token.encode()
        # The console's own clients send the same head again and again: reading it, checking its
        # token and building what the model sees are functions of these bytes alone.
        self._cache: dict[bytes, Admitted] = {}
        # A head is kept when it comes a second time: most of other clients' never do.
        self._sighted: set[int] = set()
        self._reader = HeadReader()
        self._by_shape: dict[Shape, _Common] = {}

    def admit(self, head: bytes) -> Admitted:
        """Raises Malformed when it is not HTTP; every other refusal is in the answer."""
        known = self._cache.get(head)
        if known is not None:
            return known
        request = self._reader.read(head)
        common = self._by_shape.get(request.shape) if request.shape is not None else None
        admitted = self._judge(request) if common is None else common.with_head(request)
        if admitted.claim is None and admitted.refusal is None:
            self._remember(head, admitted)
        return admitted

    def _judge(self, head: RequestHead) -> Admitted:
        admitted, shape = Admitted(head), head.shape
        admitted.refusal = self._read(admitted)
        by_token = admitted.claim is None and admitted.refusal is None
        if by_token and shape is not None and _DECISIVE.isdisjoint(shape.names):
            if len(self._by_shape) >= SHAPES:
                self._by_shape.clear()
            self._by_shape[shape] = _Common(admitted, shape)
        return admitted

    def _remember(self, head: bytes, admitted: Admitted) -> None:
        mark = hash(head)
        if mark not in self._sighted:
            if len(self._sighted) >= _SIGHTED_SIZE:
                self._sighted.clear()
            self._sighted.add(mark)
        elif len(head) <= _CACHED_HEAD_LIMIT:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            self._cache[head] = admitted

    def _read(self, admitted: Admitted) -> Refusal | None:
        head = admitted.head
        operation = operation_of(head.line)
        if operation is None:
            return refusals.NO_SUCH_OPERATION
        admitted.endpoint, admitted.kind = operation
        if admitted.kind is Kind.HEALTH:
            return None
        refusal = self._identify(admitted)
        if refusal is not None:
            return refusal
        if admitted.kind is Kind.ASYNC:
            return refusals.NOT_THERE_YET
        for name in refusals.ELSEWHERE:
            if name in head.headers:
                return refusals.of_another_kind(name, admitted.endpoint)
        # For scripts' sake: heads of the console's own clients that are known by their shape pass.
        for name, (_, most) in refusals.BOUNDED.items():
            if len(head.headers.get(name, b"")) > most:
                return refusals.too_long(name, head.headers[name])
        variant = head.headers.get(b"x-amzn-sagemaker-target-variant")
        admitted.target_variant = variant.decode("latin-1") if variant else None
        admitted.forward = forwarded(head.headers) + _length_line(head)
        return None

    def _identify(self, admitted: Admitted) -> Refusal | None:
        headers = admitted.head.headers
        token = headers.get(b"x-console-token")
        if token is not None:
            if not hmac.compare_digest(token, self._token):
                return refusals.WRONG_TOKEN
            admitted.account = headers.get(b"x-console-account", b"").decode("latin-1")
            region = headers.get(b"x-console-region", b"").decode("latin-1")
        else:
            try:
                admitted.claim = sigv4.read(headers, admitted.head.line.query)
                admitted.account = self._keyring.account_of(admitted.claim)
            except SignatureRefused as refused:
                return refusals.signature(refused)
            region = admitted.claim.region
        admitted.key = route_key(admitted.account, region, admitted.endpoint)
        return None

    def verify(self, admitted: Admitted, body: bytes) -> Refusal | None:
        """The last check of a signed request, now that its body is known."""
        assert admitted.claim is not None
        try:
            self._keyring.verify(admitted.claim, admitted.head, body)
        except SignatureRefused as refused:
            return refusals.signature(refused)
        return None


def _length_line(head: RequestHead) -> bytes:
    return b"" if head.chunked else b"Content-Length: %d\r\n\r\n" % head.length


@lru_cache(maxsize=LINES_REMEMBERED)
def operation_of(line: RequestLine) -> tuple[str, Kind] | None:
    """The endpoint and what is wanted of it; None when nothing like it is served here."""
    if line.path == b"/health" and line.method == b"GET":
        return "", Kind.HEALTH
    match = _PATH.fullmatch(line.path)
    if match is None or line.method != b"POST":
        return None
    return match[1].decode(), _ACTIONS[match[2]]


def forwarded(headers: dict[bytes, bytes]) -> bytes:
    """The headers that pass through the gateway, in either direction, as lines."""
    return b"".join(
        [lead + value + b"\r\n" for name, value in headers.items() if (lead := _lead(name))]
    )


@lru_cache(maxsize=LINES_REMEMBERED)
def _lead(name: bytes) -> bytes:
    """What stands before the value where the header is passed on; empty where it is not."""
    if name not in _PLAIN and not name.startswith(_AWS_PREFIX):
        return b""
    return (_PLAIN.get(name) or _SPELLED.get(name) or name) + b": "
