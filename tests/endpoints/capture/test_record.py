"""Captured invocations as they lie on disk."""

from hypothesis import given
from hypothesis import strategies as st

from endpoints.capture.record import Record, decode_all

words = st.binary(max_size=40)
bodies = st.none() | st.binary(max_size=200)
records = st.builds(
    Record,
    at=st.floats(min_value=0, max_value=4e9),
    event_id=words,
    input=bodies,
    output=bodies,
    input_type=words,
    output_type=words,
    inference_id=words,
    custom_attributes=words,
)


@given(st.lists(records, max_size=5))
def test_what_is_written_is_read_back(written: list[Record]) -> None:
    raw = b"".join(record.encode() for record in written)
    assert list(decode_all(raw)) == written


@given(records, records, st.integers(min_value=1))
def test_a_record_that_was_cut_off_is_left_out(first: Record, last: Record, cut: int) -> None:
    whole = last.encode()
    raw = first.encode() + whole[: cut % len(whole)]
    assert list(decode_all(raw)) == [first]


def test_a_body_that_is_empty_is_not_one_that_was_not_captured() -> None:
    (read,) = decode_all(Record(1.0, b"id", b"", None).encode())
    assert (read.input, read.output) == (b"", None)
