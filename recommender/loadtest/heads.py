"""Answers, read: a cache of heads seen before, and what is kept of an answer that failed."""

import json
import re
from typing import Final

import httptools

from recommender.loadtest.report import ErrorKind, ErrorSample

HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_CACHED_AT_MOST: Final = 256
# New heads faster than this on average are heads that never repeat.
_UNIQUE_BELOW_S: Final = 0.01
_READ_BYTES: Final = 65536
_ANSWER_BYTES: Final = 512
_HEADERS_KEPT: Final = 20
_OWN_WORDS: Final = ("OriginalStatusCode", "OriginalMessage")


class HeadCache:
    """Head bytes -> length of the whole answer, for 2xx answers on connections kept alive.

    Servers repeat the same head for every answer of a second, so most answers are recognised
    instead of parsed. Heads that never repeat (a request id in each) switch the cache off.
    """

    __slots__ = ("_learnt", "_since", "known", "useless")

    def __init__(self) -> None:
        self.known: dict[bytes, int] = {}
        self.useless = False
        self._learnt = 0
        self._since = 0.0

    def learn(self, first: bytes, now: float) -> None:
        """Remember the head of an answer that httptools has read whole and found good."""
        if self.useless:
            return
        head = head_of(first)
        length = body_length(head)
        if length is not None:
            self._make_room(now)
            self.known[head] = len(head) + length

    def _make_room(self, now: float) -> None:
        if not self._learnt:
            self._since = now
        self._learnt += 1
        if self._learnt > _CACHED_AT_MOST:
            self.known.clear()
            self.useless = now - self._since < _CACHED_AT_MOST * _UNIQUE_BELOW_S
            self._learnt = 0


def head_of(first: bytes) -> bytes:
    """The head an answer begins with, its blank line included; empty when it is not all there."""
    return first[: first.find(HEAD_END) + len(HEAD_END)] if HEAD_END in first else b""


def body_length(head: bytes) -> int | None:
    """What one Content-Length header says; None where anything else frames the body."""
    lengths = _LENGTH.findall(head)
    if len(lengths) != 1 or _CHUNKED.search(head):
        return None
    return int(lengths[0])


def ends_unframed(first: bytes) -> bool:
    """Whether the body of this answer lasts until the server closes the connection."""
    head = head_of(first)
    return bool(head) and not _LENGTH.search(head) and not _CHUNKED.search(head)


def sample(kind: ErrorKind, payload: str, first: bytes) -> ErrorSample:
    """What people see of a failed answer, from the first bytes that came of it."""
    seen = _Seen()
    parser = httptools.HttpResponseParser(seen)
    try:
        parser.feed_data(first[:_READ_BYTES])
    except httptools.HttpParserError:
        seen.body = seen.body or first
    status = parser.get_status_code() if seen.headers else 0
    return ErrorSample(
        kind=kind.value,
        payload=payload,
        status=status,
        answer=_shortened(seen.body),
        headers=dict(list(seen.headers.items())[:_HEADERS_KEPT]),
    )


def _shortened(body: bytes) -> str:
    """The first bytes; of AWS's envelope the container's own words, which come last in it."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict) or not members.keys() >= set(_OWN_WORDS):
        return body[:_ANSWER_BYTES].decode("utf-8", "replace")
    status, message = (members[name] for name in _OWN_WORDS)
    own = (status, str(message)[:_ANSWER_BYTES])
    return json.dumps(dict(zip(_OWN_WORDS, own, strict=True)))


class _Seen:
    """Collects an answer for httptools."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body
