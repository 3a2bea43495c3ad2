import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.wire.chunked import LAST_CHUNK, ChunkedReader, chunk
from endpoints.wire.headers import Malformed


def read_all(reader: ChunkedReader, data: bytes, step: int) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while at < len(data) and not reader.done:
        pieces += reader.feed(data[at : at + step])
        at += step
    return b"".join(pieces)


@given(st.lists(st.binary(min_size=1, max_size=300)), st.integers(1, 400))
def test_what_is_put_together_comes_apart_again(parts: list[bytes], step: int) -> None:
    reader = ChunkedReader()
    whole = b"".join(map(chunk, parts)) + LAST_CHUNK
    assert read_all(reader, whole, step) == b"".join(parts)
    assert reader.done
    assert reader.rest == b""


def test_it_says_what_follows_the_end() -> None:
    reader = ChunkedReader()
    assert reader.feed(b"3;name=x\r\nabc\r\n0\r\nTrailer: t\r\n\r\nGET /") == [b"abc"]
    assert reader.done
    assert reader.rest == b"GET /"


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n",
        b"g\r\n",
        b"-1\r\n",
        b"0x3\r\nabc\r\n",
        b"+3\r\nabc\r\n",
        b" 3\r\nabc\r\n",
        b"3\nabc\r\n",
        b"3\r\nabcd\r\n",
        b"3\r\nabc\n0\r\n\r\n",
        b"3\r\nabcx\n",
        b"3\r\nabc\rx",
        b"1" * 16 + b"\r\n",
        b"3;" + b"x" * 2000,
        b"0\r\n" + b"T: " + b"x" * 900 + b"\r\n" + (b"T: " + b"x" * 900 + b"\r\n") * 9,
        b"3\r;x\r\nabc\r\n",
    ],
)
def test_a_body_that_two_parsers_could_read_differently_is_refused(data: bytes) -> None:
    reader = ChunkedReader()
    with pytest.raises(Malformed):
        reader.feed(data)


def test_many_tiny_chunks_in_one_buffer_cost_no_more_than_their_number() -> None:
    count = 200_000
    pieces = ChunkedReader().feed(chunk(b"x") * count)
    assert len(pieces) == count
