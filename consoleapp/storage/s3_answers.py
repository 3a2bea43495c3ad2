"""The few S3 answers that the console gives itself: buckets and errors. XML, as S3 writes it."""

import uuid
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from asgiref.typing import ASGISendCallable

from consoleapp.accounts.errors import CallerError, Forbidden, InUse, LimitExceeded, NotFound
from consoleapp.aws import sigv4
from consoleapp.aws.relay import IncomingBody
from consoleapp.aws.sigv4 import Problem, SignatureRefused
from consoleapp.storage.models import Bucket
from consoleapp.storage.s3_call import Refused

_NAMESPACE: Final = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'


async def refuse(
    send: ASGISendCallable, path: str, refused: Refused, *, body: IncomingBody
) -> None:
    request_id = str(uuid.uuid4())
    document = (
        f"<Error><Code>{refused.code}</Code><Message>{escape(refused.message)}</Message>"
        f"<Resource>{escape(path)}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    ending = () if await body.settle() else ((b"connection", b"close"),)
    await _send(send, refused.status, document, headers=ending, request_id=request_id)


async def buckets(send: ASGISendCallable, account: str, rows: Iterable[Bucket]) -> None:
    listed = "".join(
        f"<Bucket><Name>{row.name}</Name>"
        f"<CreationDate>{row.created_at:%Y-%m-%dT%H:%M:%S.000Z}</CreationDate></Bucket>"
        for row in rows
    )
    document = (
        f"<ListAllMyBucketsResult {_NAMESPACE}>"
        f"<Owner><ID>{account}</ID><DisplayName>{account}</DisplayName></Owner>"
        f"<Buckets>{listed}</Buckets></ListAllMyBucketsResult>"
    )
    await _send(send, 200, document)


async def created(send: ASGISendCallable, bucket: str) -> None:
    await _send(send, 200, "", headers=[(b"location", f"/{bucket}".encode())])


async def deleted(send: ASGISendCallable) -> None:
    await _send(send, 204, "")


def refusal_of(error: Exception, method: str) -> Refused:
    """What went wrong, in S3's words."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, SignatureRefused):
        status = 400 if error.problem is Problem.INCOMPLETE else 403
        return Refused(status, sigv4.S3_CODES[error.problem], error.message)
    if isinstance(error, CallerError):
        return _of_caller(error, method)
    return Refused(503, "ServiceUnavailable", "The object store does not answer. Try again.")


def _of_caller(error: CallerError, method: str) -> Refused:
    if isinstance(error, NotFound):
        return no_such_bucket()
    if isinstance(error, InUse):
        code = "BucketNotEmpty" if method == "DELETE" else "BucketAlreadyExists"
        return Refused(409, code, error.message)
    if isinstance(error, LimitExceeded):
        return Refused(400, "TooManyBuckets", error.message)
    if isinstance(error, Forbidden):
        return Refused(403, "AccessDenied", error.message)
    return Refused(400, "InvalidBucketName", error.message)


def no_such_bucket() -> Refused:
    return Refused(404, "NoSuchBucket", "The specified bucket does not exist")


async def _send(
    send: ASGISendCallable,
    status: int,
    document: str,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    request_id: str = "",
) -> None:
    body = _DECLARATION + document.encode() if document else b""
    told = [*headers, (b"x-amz-request-id", (request_id or str(uuid.uuid4())).encode())]
    if body:
        told.append((b"content-type", b"application/xml"))
    if status != 204:
        told.append((b"content-length", str(len(body)).encode()))
    await send(
        {"type": "http.response.start", "status": status, "headers": told, "trailers": False}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
