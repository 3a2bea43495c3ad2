"""How long one waits for the object store: a page a few seconds, a task as long as it takes.

A store that hangs is worse than one that is gone: each call would wait for a minute, is made
again, and is followed by the next. Inside `short` a call waits ANSWER_S, and once one was in vain
no other is made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from django.conf import settings

from consoleapp.storage import clients

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ANSWER_S: Final = 4.0
#: What is sent is first written to disk there: that may take longer.
UPLOAD_ANSWER_S: Final = 15.0
#: What any call may raise when the store is in trouble.
FAULTS: Final = (BotoCoreError, ClientError, Boto3Error)
#: Of them, those that say that nobody answers.
SILENCE: Final = (HTTPClientError, ConnectionError, Boto3Error)
AWAY: Final = "The object store does not answer now. Try again in a moment."


@dataclass(slots=True)
class _Mood:
    gave_up: bool = False


_mood: ContextVar[_Mood | None] = ContextVar("patience", default=None)


@contextmanager
def short() -> Iterator[None]:
    """For as long as someone waits for a page."""
    before = _mood.set(_Mood())
    try:
        yield
    finally:
        _mood.reset(before)


def client() -> "S3Client":
    """The client to call now. Raises botocore's ReadTimeoutError after a call in vain."""
    return _client(ANSWER_S)


def uploader() -> "S3Client":
    """The client for what is large."""
    return _client(UPLOAD_ANSWER_S)


def _client(answer_s: float) -> "S3Client":
    mood = _mood.get()
    if mood is None:
        return clients.s3()
    if mood.gave_up:
        raise ReadTimeoutError(endpoint_url=settings.S3_ENDPOINT_URL)
    found = clients.s3(answer_s=answer_s)
    # Registered once: the id tells the client that it has it already.
    found.meta.events.register("after-call-error.s3", _in_vain, unique_id="patience")
    return found


def _in_vain(exception: BaseException, **_: Any) -> None:
    mood = _mood.get()
    if mood is not None and isinstance(exception, SILENCE):
        mood.gave_up = True
