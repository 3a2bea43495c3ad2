"""AWS's event stream framing (application/vnd.amazon.eventstream): writes, never reads. Pure.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

CONTENT_TYPE: Final = b"application/vnd.amazon.eventstream"
#: A longer part is split: clients refuse messages over 16 MiB, and small ones show progress.
PART_LIMIT: Final = 256 * 1024
_STRING: Final = 7


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    block = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(block) + len(payload), len(block))
    whole = b"".join((prelude, struct.pack("!I", zlib.crc32(prelude)), block, payload))
    return whole + struct.pack("!I", zlib.crc32(whole))


def payload_parts(data: bytes) -> Iterator[bytes]:
    """`data` as PayloadPart events."""
    for start in range(0, len(data), PART_LIMIT):
        yield message(_EVENT, data[start : start + PART_LIMIT])


def stream_exception(kind: str, body: bytes) -> bytes:
    """An error in the middle of a stream: `kind` is ModelStreamError or InternalStreamFailure."""
    headers = {
        ":message-type": "exception",
        ":exception-type": kind,
        ":content-type": "application/json",
    }
    return message(headers, body)


_EVENT: Final[Mapping[str, str]] = {
    ":message-type": "event",
    ":event-type": "PayloadPart",
    ":content-type": "application/octet-stream",
}


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack("!B", len(key)) + key + struct.pack("!BH", _STRING, len(text)) + text
