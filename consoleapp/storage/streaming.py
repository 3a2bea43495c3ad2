"""Answers with an object's bytes as they come, without holding the object in memory."""

from typing import Self

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from consoleapp.storage.s3 import Opened


def as_download(opened: Opened) -> StreamingHttpResponse:
    """Always an attachment of no type: an uploaded page must not run as one of ours."""
    response = StreamingHttpResponse(_Pieces(opened), content_type="application/octet-stream")
    response["Content-Length"] = str(opened.info.size)
    response["Content-Disposition"] = content_disposition_header(True, opened.info.name) or ""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


class _Pieces:
    """Asynchronous: the server would read a plain iterator to its end before it sends anything."""

    def __init__(self, opened: Opened) -> None:
        self._read = sync_to_async(lambda: next(opened.pieces, b""), thread_sensitive=False)
        #: Called by the response when the answer is sent, and when the reader goes away.
        self.close = opened.close

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._read()
        if not piece:
            raise StopAsyncIteration
        return piece
