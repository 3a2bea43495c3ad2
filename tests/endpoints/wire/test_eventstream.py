from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from endpoints.wire.eventstream import PART_LIMIT, message, payload_parts, stream_exception


def test_botocore_reads_a_payload_part() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(b"".join(payload_parts(b"hello")))
    (event,) = list(buffer)
    assert event.payload == b"hello"
    assert event.headers[":event-type"] == "PayloadPart"
    assert event.headers[":message-type"] == "event"


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=50)), st.binary())
def test_botocore_reads_any_message(headers: dict[str, str], payload: bytes) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(message(headers, payload))
    (event,) = list(buffer)
    assert (event.headers, event.payload) == (headers, payload)


def test_long_data_is_split() -> None:
    buffer = EventStreamBuffer()
    data = bytes(PART_LIMIT) + b"end"
    buffer.add_data(b"".join(payload_parts(data)))
    parts = [event.payload for event in buffer]
    assert list(map(len, parts)) == [PART_LIMIT, 3]
    assert b"".join(parts) == data


def test_an_exception_names_its_kind() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(stream_exception("ModelStreamError", b"{}"))
    (event,) = list(buffer)
    assert event.headers[":message-type"] == "exception"
    assert event.headers[":exception-type"] == "ModelStreamError"
