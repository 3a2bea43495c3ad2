from random import Random

import pytest

from endpoints.wire.headers import Malformed
from endpoints.wire.request import RequestHead, read_request
from endpoints.wire.shape import SHAPES, HeadReader

LINES = (
    b"POST /endpoints/ep/invocations HTTP/1.1",
    b"Host: h:80",
    b"Content-Type: text/csv",
    b"X-Amz-Date: 20261120T101010Z",
    b"amz-sdk-invocation-id: 0",
    b"Content-Length: 3",
)


def head(*, number: int = 0, length: int = 3, lines: tuple[bytes, ...] = LINES) -> bytes:
    text = b"\r\n".join(lines)
    text = text.replace(b"id: 0", b"id: %d" % number)
    return text.replace(b"Length: 3", b"Length: %d" % length)


def taught() -> HeadReader:
    """Knows heads that differ in their invocation id and their length."""
    reader = HeadReader()
    for number in range(3):
        reader.read(head(number=number, length=number))
    return reader


def facts(found: RequestHead) -> dict[str, object]:
    names = (name for name in RequestHead.__slots__ if name != "shape")
    return {name: getattr(found, name) for name in names}


def outcome(reader: HeadReader, raw: bytes) -> object:
    try:
        return facts(reader.read(raw))
    except Malformed:
        return Malformed


def expected(raw: bytes) -> object:
    try:
        return facts(read_request(raw))
    except Malformed:
        return Malformed


def test_two_heads_teach_in_what_others_will_differ() -> None:
    reader = HeadReader()
    assert reader.read(head(number=1)).shape is None
    assert reader.read(head(number=2)).shape is None
    found = reader.read(head(number=3))
    assert found.shape is not None
    assert found.shape.names == (b"amz-sdk-invocation-id",)
    assert found.headers[b"amz-sdk-invocation-id"] == b"3"
    assert facts(found) == expected(head(number=3))


def test_a_shape_widens_where_more_turns_out_to_differ() -> None:
    reader = taught()
    later = head(number=9).replace(b"101010Z", b"101011Z")
    assert reader.read(later).shape is None
    found = reader.read(later.replace(b"101011Z", b"101012Z"))
    assert found.shape is not None
    assert found.shape.names == (b"x-amz-date", b"amz-sdk-invocation-id", b"content-length")


def test_the_length_is_read_anew_each_time() -> None:
    found = taught().read(head(length=77))
    assert found.shape is not None
    assert found.length == 77


@pytest.mark.parametrize("value", [b"5\rX: y", b"5\nX: y", b"5\x00", b"5\x7f", b"+5", b"5 5", b""])
def test_a_differing_value_is_as_strictly_read_as_any(value: bytes) -> None:
    reader = taught()
    with pytest.raises(Malformed):
        reader.read(head().replace(b"Length: 3", b"Length: " + value))


@pytest.mark.parametrize(
    "more",
    [
        b"\r\nTransfer-Encoding: chunked",
        b"\r\nContent-Length: 4",
        b"\r\nHost: other",
        b"\r\n folded: line",
        b"\r\nname : x",
    ],
)
def test_a_line_more_is_another_shape_and_refused_as_ever(more: bytes) -> None:
    reader = taught()
    for raw in (head() + more, head().replace(b"\r\nX-Amz", more + b"\r\nX-Amz")):
        with pytest.raises(Malformed):
            reader.read(raw)


def test_a_line_less_is_another_shape() -> None:
    reader = taught()
    for number in range(1, len(LINES)):
        raw = head(lines=LINES[:number] + LINES[number + 1 :])
        assert outcome(reader, raw) == expected(raw)


def test_a_header_that_is_there_twice_has_no_shape() -> None:
    reader = HeadReader()
    for number in range(4):
        found = reader.read(head(number=number) + b"\r\nX: 1\r\nX: 2")
        assert found.shape is None
        assert found.headers[b"x"] == b"1,2"


def test_more_kinds_of_clients_than_shapes_are_read_all_the_same() -> None:
    reader = HeadReader()
    for number in range(20 * SHAPES):
        raw = head(number=number) + b"\r\nX-Kind-%d: 1" % (number % (3 * SHAPES))
        assert outcome(reader, raw) == expected(raw)


def test_whatever_was_learnt_a_head_reads_as_it_does_alone() -> None:
    random = Random(1)
    reader = HeadReader()
    known = 0
    for number in range(3000):
        raw = _mangled(random, head(number=number, length=random.randrange(3)))
        assert outcome(reader, raw) == expected(raw), raw
        known += expected(raw) is not Malformed and reader.read(raw).shape is not None
    assert known > 300


def _mangled(random: Random, raw: bytes) -> bytes:
    """Most heads as they are; some with a byte taken out, put in or doubled, or a line moved."""
    choice = random.randrange(6)
    at = random.randrange(len(raw))
    if choice == 0:
        return (
            raw[:at]
            + random.choice([b"\r", b"\n", b"\r\n", b":", b" ", b"\t", b"\x00", b"a"])
            + raw[at:]
        )
    if choice == 1:
        return raw[:at] + raw[at + 1 :]
    if choice == 2:
        lines = raw.split(b"\r\n")
        lines.insert(random.randrange(1, len(lines)), random.choice(lines))
        return b"\r\n".join(lines)
    return raw
