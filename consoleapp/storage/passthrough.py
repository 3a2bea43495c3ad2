"""S3 calls on their way to the object store: verified, checked for the bucket's team, signed anew.

Bodies stream both ways. The store itself knows one key only, ours, so this is the only way in.
"""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit
from xml.sax.saxutils import escape

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings

from consoleapp.aws import chunks, sigv4
from consoleapp.aws.canonical import Request, joined, pairs
from consoleapp.aws.relay import (
    ClientGone,
    HeaderPairs,
    Outgoing,
    Relay,
    Unreachable,
    end_to_end,
    has_body,
    pass_back,
    pieces,
)
from consoleapp.aws.sigv4 import Problem, SignatureRefused
from consoleapp.storage import bucket_access, s3_body, s3_call
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
}
# Who may read is decided by teams here; a policy in the store would open a second door.
_REFUSED_SUBRESOURCES: Final = {b"policy", b"acl", b"ownershipControls", b"publicAccessBlock"}

relay: Final = Relay(read_timeout_s=300.0)


async def handle(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """One S3 call, from its signature to the last byte of the answer."""
    try:
        call = await s3_call.read(scope)
        if not call.bucket:
            await _list_buckets(call, send)
        else:
            await _pass_on(scope, call, receive, send)
    except SignatureRefused as refused:
        await _refuse(send, scope, _of_signature(refused))
    except Refused as refused:
        await _refuse(send, scope, refused)
    except Unreachable:
        refusal = Refused(503, "ServiceUnavailable", "The object store does not answer. Try again.")
        await _refuse(send, scope, refusal)
    except ClientGone:
        return


async def _pass_on(
    scope: HTTPScope, call: Call, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    makes = call.is_on_bucket and scope["method"] == "PUT"
    await _check_subresource(scope, call)
    if makes:
        await _claim_bucket(call)
    else:
        await _check_owner(call, call.bucket)
    source = unquote_to_bytes(call.request.headers.get(b"x-amz-copy-source", b""))
    if source:
        await _check_owner(call, source.lstrip(b"/").split(b"/")[0].decode("latin-1"))
    try:
        response = await relay.ask(settings.S3_ENDPOINT_URL, await _outgoing(scope, call, receive))
    except Exception:
        if makes:
            await bucket_access.release(call.bucket)
        raise
    refused = makes and not response.is_success
    removed = call.is_on_bucket and scope["method"] == "DELETE" and response.is_success
    if refused or removed:
        await bucket_access.release(call.bucket)
    await pass_back(response, receive, send)


async def _check_subresource(scope: HTTPScope, call: Call) -> None:
    names = {name for name, _ in pairs(call.query)}
    if scope["method"] in ("PUT", "DELETE") and names & _REFUSED_SUBRESOURCES:
        message = "Access is decided by teams here: buckets have no policies or ACLs of their own."
        raise Refused(501, "NotImplemented", message)


async def _claim_bucket(call: Call) -> None:
    team = call.signer.team_pk
    if await bucket_access.claim(call.bucket, team_pk=team, region=call.claim.region):
        return
    if await bucket_access.owner_of(call.bucket) == team:
        message = (
            "Your previous request to create the named bucket succeeded and you already own it."
        )
        raise Refused(409, "BucketAlreadyOwnedByYou", message)
    raise Refused(
        409,
        "BucketAlreadyExists",
        "The requested bucket name is not available. The bucket namespace is shared by all users"
        " of the system. Please select a different name and try again.",
    )


async def _check_owner(call: Call, bucket: str) -> None:
    owner = await bucket_access.owner_of(bucket)
    if owner is None:
        raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
    if owner != call.signer.team_pk:
        raise Refused(403, "AccessDenied", "Access Denied")


async def _outgoing(scope: HTTPScope, call: Call, receive: ASGIReceiveCallable) -> Outgoing:
    marker = call.request.headers.get(b"x-amz-content-sha256", sigv4.UNSIGNED_PAYLOAD)
    headers = [(n, v) for n, v in end_to_end(scope["headers"]) if _passes(n)]
    body: AsyncIterator[bytes] | None = None
    if has_body(scope["headers"]):
        body = pieces(receive)
        if marker == chunks.UNSIGNED or marker in chunks.SIGNED:
            headers = _without_chunking(headers, call)
            body, marker = s3_body.unchunked(call, body, marker), sigv4.UNSIGNED_PAYLOAD
        elif HASH.fullmatch(marker):
            body = s3_body.hashed(body, marker)
        if any(name == b"delete" for name, _ in pairs(call.query)):
            body = s3_body.within_bucket(body)
    target = call.path + (b"?" + call.query if call.query else b"")
    return Outgoing(scope["method"], target, _signed(call, headers, marker), body)


def _passes(name: bytes) -> bool:
    return name not in _OURS and not name.startswith((b"x-amz-grant-", b"x-forwarded-"))


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


def _without_chunking(headers: HeaderPairs, call: Call) -> HeaderPairs:
    length = call.request.headers.get(b"x-amz-decoded-content-length", b"")
    if not length.isdigit():
        raise Refused(411, "MissingContentLength", "x-amz-decoded-content-length is missing.")
    kept = [(n, v) for n, v in headers if n not in (b"content-length", b"content-encoding")]
    encodings = [e.strip() for e in call.request.headers.get(b"content-encoding", b"").split(b",")]
    others = b",".join(e for e in encodings if e and e != b"aws-chunked")
    kept += [(b"content-encoding", others)] if others else []
    return [*kept, (b"content-length", length)]


async def _list_buckets(call: Call, send: ASGISendCallable) -> None:
    if call.request.method != b"GET":
        raise Refused(405, "MethodNotAllowed", "The specified method is not allowed here.")
    rows = await bucket_access.buckets_of(call.signer.team_pk)
    listed = "".join(
        f"<Bucket><Name>{name}</Name><CreationDate>{made}</CreationDate></Bucket>"
        for name, made in rows
    )
    account = call.signer.account
    document = (
        '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Owner><ID>{account}</ID><DisplayName>{account}</DisplayName></Owner>"
        f"<Buckets>{listed}</Buckets></ListAllMyBucketsResult>"
    )
    await _send_xml(send, 200, document, request_id=str(uuid.uuid4()))


def _of_signature(refused: SignatureRefused) -> Refused:
    status = 400 if refused.problem is Problem.INCOMPLETE else 403
    return Refused(status, sigv4.S3_CODES[refused.problem], refused.message)


async def _refuse(send: ASGISendCallable, scope: HTTPScope, refused: Refused) -> None:
    request_id = str(uuid.uuid4())
    document = (
        f"<Error><Code>{refused.code}</Code><Message>{escape(refused.message)}</Message>"
        f"<Resource>{escape(scope['path'])}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    await _send_xml(send, refused.status, document, request_id=request_id)


async def _send_xml(send: ASGISendCallable, status: int, text: str, *, request_id: str) -> None:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/xml"),
                (b"content-length", str(len(body)).encode()),
                (b"x-amz-request-id", request_id.encode()),
            ],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
