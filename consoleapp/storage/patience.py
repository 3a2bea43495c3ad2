"""How long one waits for the object store: a page a few seconds in all, a task as long as it takes.

A store that hangs is worse than one that is gone: each call would wait for a minute, and is made
several times.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ReadTimeoutError
from django.conf import settings

from consoleapp.storage import clients

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: One call that may wait at all waits this long for an answer.
ANSWER_S: Final = 4.0
_until: ContextVar[float | None] = ContextVar("patience", default=None)


@contextmanager
def of(seconds: float) -> Iterator[None]:
    """Calls made inside wait ANSWER_S each, and none is made once the time is up."""
    before = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(before)


def client() -> "S3Client":
    """The client to call now. Raises botocore's ReadTimeoutError when the time is up."""
    until = _until.get()
    if until is None:
        return clients.s3()
    if time.monotonic() >= until:
        raise ReadTimeoutError(endpoint_url=settings.S3_ENDPOINT_URL)
    return clients.s3(answer_s=ANSWER_S)
