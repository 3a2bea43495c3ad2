"""One captured invocation, and how it lies on disk until it is delivered. Pure.

The gateway only copies bytes: what costs time (Base64, JSON) is left to the one who delivers.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_LENGTHS: Final = struct.Struct(">dIIHHHHH")
#: A length that says: not captured.
_ABSENT: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Record:
    """`at` is Unix time. `input` or `output` is None where the plan leaves it out."""

    at: float
    event_id: bytes
    input: bytes | None
    output: bytes | None
    input_type: bytes = b""
    output_type: bytes = b""
    inference_id: bytes = b""
    custom_attributes: bytes = b""

    @property
    def size(self) -> int:
        """Of its bodies: the rest is bounded by what a head may hold."""
        return len(self.input or b"") + len(self.output or b"")

    def encode(self) -> bytes:
        words = (
            *(self.event_id, self.input_type, self.output_type),
            *(self.inference_id, self.custom_attributes),
        )
        lengths = _LENGTHS.pack(
            self.at, _length(self.input), _length(self.output), *(len(word) for word in words)
        )
        return b"".join((lengths, *words, self.input or b"", self.output or b""))


def decode_all(raw: bytes) -> Iterator[Record]:
    """The whole records; one that was cut off at the end is left out."""
    position = 0
    while position + _LENGTHS.size <= len(raw):
        at, inputs, outputs, *words = _LENGTHS.unpack_from(raw, position)
        start = position + _LENGTHS.size
        bodies = [0 if length == _ABSENT else length for length in (inputs, outputs)]
        position = start + sum(words) + sum(bodies)
        if position > len(raw):
            return
        parts = []
        for length in (*words, *bodies):
            parts.append(raw[start : start + length])
            start += length
        event_id, input_type, output_type, inference_id, custom, input_, output = parts
        yield Record(
            at,
            event_id,
            None if inputs == _ABSENT else input_,
            None if outputs == _ABSENT else output,
            input_type,
            output_type,
            inference_id,
            custom,
        )


def _length(body: bytes | None) -> int:
    return _ABSENT if body is None else len(body)
