"""What happens to an S3 body on its way: unwrapped, checked against its hash, never gathered."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final
from xml.etree import ElementTree

from consoleapp.aws import checksums, chunks, sigv4
from consoleapp.aws.chunks import AwsChunks, ChunkRefused, Seal
from consoleapp.storage.s3_call import Call, Refused, climbs

_DOCUMENT_LIMIT: Final = 2 * 1024 * 1024


def unchunked(call: Call, body: AsyncIterator[bytes], marker: bytes) -> AsyncIterator[bytes]:
    """The content of an aws-chunked body, as its chunks and the checksum behind it prove it."""
    claim = call.claim
    key = sigv4.signing_key(call.signer.secret, claim.day, claim.region, claim.service)
    reader = AwsChunks(Seal(claim, key) if marker in chunks.SIGNED else None)
    told = call.request.headers.get(b"x-amz-trailer", b"").strip().lower()
    checksum = checksums.running(told)
    return _proved(_content(reader, body), checksum, lambda: _check_end(reader, told, checksum))


async def _content(reader: AwsChunks, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in body:
            data = reader.feed(piece)
            if data:
                yield data
    except ChunkRefused as refused:
        raise Refused(403, "SignatureDoesNotMatch", f"The body is refused: {refused}.") from None


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


def hashed(body: AsyncIterator[bytes], expected: bytes) -> AsyncIterator[bytes]:
    """The body, if it is what was signed."""
    digest = hashlib.sha256()

    def check() -> None:
        if digest.hexdigest().encode() != expected:
            message = "The provided 'x-amz-content-sha256' header does not match what was computed."
            raise Refused(400, "XAmzContentSHA256Mismatch", message)

    return _proved(body, digest, check)


async def _proved(
    body: AsyncIterator[bytes], checksum: checksums.Running | None, check: Callable[[], None]
) -> AsyncIterator[bytes]:
    """The body, short of its last piece unless `check` lets it pass."""
    # Held back until the whole is known to be right: without it the store takes nothing over.
    held = b""
    async for piece in body:
        if checksum is not None:
            checksum.update(piece)
        if held:
            yield held
        held = piece
    check()
    if held:
        yield held


async def within_bucket(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """DeleteObjects' list of keys, none of which leaves the bucket."""
    whole = b"".join([piece async for piece in bounded(body)])
    if any(climbs(text.encode()) for text in _texts(whole)):
        raise Refused(400, "InvalidURI", "Couldn't parse the specified URI.")
    yield whole


def _texts(document: bytes) -> Iterator[str]:
    """What each element holds, whatever it is called, as whoever parses the document reads it."""
    try:
        text = document.decode()
        if "<!DOCTYPE" in text:
            raise ValueError("entities of its own")
        # Without a DOCTYPE there is nothing that could grow.
        root = ElementTree.fromstring(text)  # noqa: S314
    except (ValueError, ElementTree.ParseError):
        message = "The XML you provided was not well-formed or did not validate."
        raise Refused(400, "MalformedXML", message) from None
    for element in root.iter():
        yield "".join([element.text or "", *(inner.tail or "" for inner in element)])


async def bounded(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A document, which is never long."""
    size = 0
    async for piece in body:
        size += len(piece)
        if size > _DOCUMENT_LIMIT:
            raise Refused(400, "MalformedXML", "The document is too long.")
        yield piece
