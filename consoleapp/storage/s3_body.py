"""What happens to an S3 body on its way: unwrapped, checked against its hash, never gathered."""

import hashlib
import re
from collections.abc import AsyncIterator
from typing import Final
from xml.sax.saxutils import unescape

from consoleapp.aws import checksums, chunks, sigv4
from consoleapp.aws.chunks import AwsChunks, ChunkRefused, Seal
from consoleapp.storage.s3_call import Call, Refused, climbs

_KEY_IN_DELETE: Final = re.compile(rb"<Key>(.*?)</Key>", re.DOTALL)
_DOCUMENT_LIMIT: Final = 2 * 1024 * 1024


async def unchunked(call: Call, body: AsyncIterator[bytes], marker: bytes) -> AsyncIterator[bytes]:
    """The content of an aws-chunked body, as its chunks prove genuine.

    Its last piece is held back until the checksum behind it is known to be right.
    """
    claim = call.claim
    key = sigv4.signing_key(call.signer.secret, claim.day, claim.region, claim.service)
    reader = AwsChunks(Seal(claim, key) if marker in chunks.SIGNED else None)
    told = call.request.headers.get(b"x-amz-trailer", b"").strip().lower()
    checksum, held = checksums.running(told), b""
    try:
        async for piece in body:
            data = reader.feed(piece)
            if not data:
                continue
            if held:
                yield held
            held = data
            if checksum is not None:
                checksum.update(data)
    except ChunkRefused as refused:
        raise Refused(403, "SignatureDoesNotMatch", f"The body is refused: {refused}.") from None
    _check_end(reader, told, checksum)
    if held:
        yield held


def _check_end(reader: AwsChunks, told: bytes, checksum: checksums.Running | None) -> None:
    if not reader.done:
        raise Refused(400, "IncompleteBody", "The body ends before its last chunk.")
    if told and told not in reader.trailer:
        name = told.decode("latin-1")
        raise Refused(400, "MalformedTrailerError", f"The trailer {name} did not come.")
    if checksum is not None and checksums.written(checksum) != reader.trailer[told]:
        kind = told.removeprefix(checksums.PREFIX).decode().upper()
        message = f"The {kind} you specified did not match the calculated checksum."
        raise Refused(400, "BadDigest", message)


async def hashed(body: AsyncIterator[bytes], expected: bytes) -> AsyncIterator[bytes]:
    """The body, short of its last piece unless it is what was signed."""
    # The last piece is held back until the whole is known to be what was signed: without it the
    # store takes nothing over.
    digest, held = hashlib.sha256(), b""
    async for piece in body:
        digest.update(piece)
        if held:
            yield held
        held = piece
    if digest.hexdigest().encode() != expected:
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise Refused(400, "XAmzContentSHA256Mismatch", message)
    if held:
        yield held


async def within_bucket(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """DeleteObjects' list of keys, none of which leaves the bucket."""
    whole = b"".join([piece async for piece in bounded(body)])
    for key in _KEY_IN_DELETE.findall(whole):
        if climbs(unescape(key.decode("utf-8", "replace")).encode()):
            raise Refused(400, "InvalidURI", "Couldn't parse the specified URI.")
    yield whole


async def bounded(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A document, which is never long."""
    size = 0
    async for piece in body:
        size += len(piece)
        if size > _DOCUMENT_LIMIT:
            raise Refused(400, "MalformedXML", "The document is too long.")
        yield piece
