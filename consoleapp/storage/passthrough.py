"""S3 calls on their way to the object store: verified, checked for the bucket's team, signed anew.

Bodies stream both ways. The store itself knows one key only, ours, so this is the only way in.
Buckets are made and removed by the services that the pages use, as they belong to teams.
"""

import time
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings

from consoleapp.accounts.errors import CallerError
from consoleapp.aws import chunks, sigv4
from consoleapp.aws.canonical import Request, joined
from consoleapp.aws.relay import (
    ClientGone,
    HeaderPairs,
    IncomingBody,
    Outgoing,
    Relay,
    Unreachable,
    end_to_end,
    pass_back,
    primed,
)
from consoleapp.aws.sigv4 import SignatureRefused
from consoleapp.storage import bucket_access, bucket_owner, s3_answers, s3_body, s3_call
from consoleapp.storage.s3_call import HASH, Call, Refused

# Replaced by our own, or meant for the signature that ends here.
_OURS: Final = {
    b"authorization",
    b"host",
    b"x-amz-content-sha256",
    b"x-amz-date",
    b"x-amz-security-token",
    b"x-amz-decoded-content-length",
    b"x-amz-trailer",
    b"x-amz-acl",
    bucket_owner.OF_BUCKET,
    bucket_owner.OF_SOURCE,
}
# Who may read is decided by teams here; a policy in the store would open a second door.
_REFUSED_SUBRESOURCES: Final = {b"policy", b"acl", b"ownershipControls", b"publicAccessBlock"}

relay: Final = Relay(read_timeout_s=300.0)


async def handle(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """One S3 call, from its signature to the last byte of the answer."""
    body = IncomingBody(scope["headers"], receive)
    try:
        await _answer(scope, await s3_call.read(scope), body, receive, send)
    except ClientGone:
        return
    except (SignatureRefused, CallerError, Refused, Unreachable) as error:
        refusal = s3_answers.refusal_of(error, scope["method"])
        await s3_answers.refuse(send, scope["path"], refusal, body=body)


async def _answer(
    scope: HTTPScope,
    call: Call,
    body: IncomingBody,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
) -> None:
    if not call.bucket:
        await _list_buckets(call, send)
    elif call.is_on_bucket and scope["method"] == "PUT":
        await _create_bucket(call, body, send)
    elif call.is_on_bucket and scope["method"] == "DELETE":
        await _check_owner(call, call.bucket, bucket_owner.OF_BUCKET)
        await bucket_access.delete(call.signer.actor, call.bucket)
        await s3_answers.deleted(send)
    else:
        await _check_access(scope["method"], call)
        outgoing = await _outgoing(scope, call, body)
        response = await relay.ask(settings.S3_ENDPOINT_URL, outgoing)
        await pass_back(response, body, receive, send)


async def _list_buckets(call: Call, send: ASGISendCallable) -> None:
    if call.request.method != b"GET":
        raise Refused(405, "MethodNotAllowed", "The specified method is not allowed here.")
    actor = call.signer.actor
    await s3_answers.buckets(send, actor.account_id, await bucket_access.owned(actor))


async def _create_bucket(call: Call, body: IncomingBody, send: ASGISendCallable) -> None:
    content, _, _ = _body(call, body, [])
    if content is not None:
        # It may only name a region, and the signature does already.
        async for _ in s3_body.bounded(content):
            pass
    actor = call.signer.actor
    if not await bucket_access.is_owned(actor, call.bucket):
        await bucket_access.create(actor, call.bucket)
    elif call.claim.region != "us-east-1":
        # As at AWS, where only its oldest region takes this for done.
        message = "Your previous request to create the named bucket succeeded and you own it."
        raise Refused(409, "BucketAlreadyOwnedByYou", message)
    await s3_answers.created(send, call.bucket)


async def _check_access(method: str, call: Call) -> None:
    if method in ("PUT", "DELETE") and call.asked & _REFUSED_SUBRESOURCES:
        message = "Access is decided by teams here: buckets have no policies or ACLs of their own."
        raise Refused(501, "NotImplemented", message)
    await _check_owner(call, call.bucket, bucket_owner.OF_BUCKET)
    source = unquote_to_bytes(call.request.headers.get(b"x-amz-copy-source", b""))
    if source:
        bucket = source.lstrip(b"/").split(b"/")[0].decode("latin-1")
        await _check_owner(call, bucket, bucket_owner.OF_SOURCE)


async def _check_owner(call: Call, bucket: str, expected: bytes) -> None:
    # Another team's bucket is no different from none.
    if not await bucket_access.is_owned(call.signer.actor, bucket):
        raise s3_answers.no_such_bucket()
    bucket_owner.check(call, expected)


async def _outgoing(scope: HTTPScope, call: Call, body: IncomingBody) -> Outgoing:
    given = end_to_end([*scope["headers"]])
    given += [item for item in call.moved.items() if item[0] not in dict(given)]
    headers = [(name, value) for name, value in given if _passes(name)]
    content, headers, payload_hash = _body(call, body, headers)
    if content is not None:
        content = await primed(content)
    target = call.path + (b"?" + call.query if call.query else b"")
    return Outgoing(scope["method"], target, _signed(call, headers, payload_hash), content)


def _body(
    call: Call, body: IncomingBody, headers: HeaderPairs
) -> tuple[AsyncIterator[bytes] | None, HeaderPairs, bytes]:
    """The body as the store gets it, with the headers and the payload hash that fit it."""
    marker = call.request.headers.get(b"x-amz-content-sha256", sigv4.UNSIGNED_PAYLOAD)
    if not body.expected:
        return None, headers, marker if HASH.fullmatch(marker) else sigv4.UNSIGNED_PAYLOAD
    content = body.pieces()
    if marker == chunks.UNSIGNED or marker in chunks.SIGNED:
        headers = _without_chunking(headers, call)
        content, marker = s3_body.unchunked(call, content, marker), sigv4.UNSIGNED_PAYLOAD
    elif HASH.fullmatch(marker):
        content = s3_body.hashed(content, marker)
    if b"delete" in call.asked:
        content = s3_body.within_bucket(content)
    return content, headers, marker


def _passes(name: bytes) -> bool:
    return name not in _OURS and not name.startswith((b"x-amz-grant-", b"x-forwarded-"))


def _without_chunking(headers: HeaderPairs, call: Call) -> HeaderPairs:
    length = call.request.headers.get(b"x-amz-decoded-content-length", b"")
    if not length.isdigit():
        raise Refused(411, "MissingContentLength", "x-amz-decoded-content-length is missing.")
    kept = [(n, v) for n, v in headers if n not in (b"content-length", b"content-encoding")]
    encodings = [e.strip() for e in call.request.headers.get(b"content-encoding", b"").split(b",")]
    others = b",".join(e for e in encodings if e and e != b"aws-chunked")
    kept += [(b"content-encoding", others)] if others else []
    return [*kept, (b"content-length", length)]


def _signed(call: Call, headers: HeaderPairs, payload_hash: bytes) -> HeaderPairs:
    now = time.time()
    headers = [
        *headers,
        (b"host", urlsplit(settings.S3_ENDPOINT_URL).netloc.encode()),
        (b"x-amz-date", sigv4.stamp(now)),
        (b"x-amz-content-sha256", payload_hash),
    ]
    covered = [(n, v) for n, v in headers if n == b"host" or n.startswith(b"x-amz-")]
    authorization = sigv4.sign(
        Request(call.request.method, call.path, call.query, joined(covered)),
        key_id=settings.S3_ACCESS_KEY,
        secret=settings.S3_SECRET_KEY,
        region=settings.DEFAULT_REGION,
        service="s3",
        now=now,
    )
    return [*headers, (b"authorization", authorization)]
