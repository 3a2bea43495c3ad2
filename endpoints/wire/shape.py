"""Heads that differ from one another in a few values: only these are read.

All heads of one client have the same lines but for some values: a date, a signature, an id. Two
of them tell which. What is left of a head of that shape is, byte for byte, a head that was read
before, so the result is what reading all of it gives. Pure.
"""

from collections.abc import Sequence
from typing import Final

from endpoints.wire.headers import Headers, check_line
from endpoints.wire.request import FRAMING, RequestHead, read_request

#: Tried one after the other, so a few: as many kinds of clients are known at a time.
SHAPES: Final = 8
_EXAMPLES: Final = 32
#: When there are more kinds of clients than shapes, every so many of the others is learnt from.
_RARELY: Final = 64
_LINE_END: Final = b"\r\n"

_Key = tuple[bytes, ...]


class Shape:
    """What heads have in common: `names` are those of the headers whose values differ, `fixed`
    the others."""

    __slots__ = ("_example", "_frames", "_last", "_places", "fixed", "key", "names", "start")

    def __init__(
        self, key: _Key, example: RequestHead, lines: Sequence[bytes], differing: set[int]
    ) -> None:
        self.key = key
        self.names = tuple(name for number, name in enumerate(key) if number in differing)
        self._example = example
        self._frames = not FRAMING.isdisjoint(self.names)
        self.fixed: Headers = {n: v for n, v in example.headers.items() if n not in self.names}
        #: Each name, and the text before its value; then the text after the last of them.
        self._places: list[tuple[bytes, bytes]] = []
        text = lines[0]
        for number, line in enumerate(lines[1:], start=1):
            text += _LINE_END + line
            if number in differing:
                value = line.partition(b":")[2]
                self._places.append((key[number], text[: len(text) - len(value)]))
                text = b""
        self._last = text
        #: What all heads of this shape begin with.
        self.start = self._places[0][1]

    def read(self, head: bytes) -> RequestHead | None:
        """None when the head is of another shape. Raises Malformed as read_request does."""
        headers = self.fixed.copy()
        at = 0
        for name, text in self._places:
            if not head.startswith(text, at):
                return None
            at += len(text)
            end = head.find(_LINE_END, at)
            value = head[at:end] if end >= 0 else head[at:]
            at += len(value)
            check_line(value)
            headers[name] = value.strip(b" \t")
        if head[at:] != self._last:
            return None
        example = self._example
        if self._frames:
            request = RequestHead(example.line, headers)
        else:
            request = example.with_headers(headers)
        request.shape = self
        return request


class HeadReader:
    """Reads heads and learns their shapes meanwhile. Bounded, whatever comes."""

    def __init__(self) -> None:
        self._shapes: list[Shape] = []
        #: Lines of a head, by the request line and the names; and which lines have differed so far.
        self._examples: dict[_Key, tuple[list[bytes], set[int]]] = {}
        self._others = 0

    def read(self, head: bytes) -> RequestHead:
        """`head` is everything before the empty line. Raises Malformed."""
        for shape in self._shapes:
            if head.startswith(shape.start):
                found = shape.read(head)
                if found is not None:
                    return found
        request = read_request(head)
        self._others += 1
        if len(self._shapes) < SHAPES or self._others % _RARELY == 0:
            self._learn(head, request)
        return request

    def _learn(self, head: bytes, request: RequestHead) -> None:
        lines = head.split(_LINE_END)
        key = (lines[0], *request.headers)
        if len(key) != len(lines):
            return  # A header that is there twice is read with care each time.
        example, differed = self._examples.pop(key, (lines, set[int]()))
        differing = differed | {
            number for number, line in enumerate(lines) if line != example[number]
        }
        if len(self._examples) >= _EXAMPLES:
            self._examples.clear()
        self._examples[key] = (lines, differing)
        if differing:
            others = [shape for shape in self._shapes if shape.key != key]
            self._shapes = [Shape(key, request, lines, differing), *others][:SHAPES]
