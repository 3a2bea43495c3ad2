import pytest

from endpoints.wire.headers import (
    HEADER_COUNT_LIMIT,
    Malformed,
    check_line,
    content_length,
    is_chunked,
    keeps_alive,
    read_headers,
)


def test_names_are_lowered_and_values_trimmed() -> None:
    assert read_headers([b"Content-Type: \ttext/csv ", b"ACCEPT:*/*"]) == {
        b"content-type": b"text/csv",
        b"accept": b"*/*",
    }


def test_a_repeated_header_is_joined() -> None:
    assert read_headers([b"X-A: 1", b"x-a: 2"]) == {b"x-a": b"1,2"}


@pytest.mark.parametrize(
    "line",
    [
        b"no colon",
        b": no name",
        b"Content-Length : 5",
        b" folded: line",
        b"\tfolded: line",
        b"na(me: x",
        b"na\x00me: x",
        b"",
    ],
)
def test_a_line_that_is_no_header_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        read_headers([b"Host: x", line])


@pytest.mark.parametrize(
    "name", [b"Content-Length", b"Transfer-Encoding", b"Host", b"Authorization"]
)
def test_what_decides_the_message_is_there_once(name: bytes) -> None:
    with pytest.raises(Malformed, match="twice"):
        read_headers([name + b": 5", name.lower() + b": 5"])


def test_too_many_headers_are_refused() -> None:
    lines = [b"x-%d: 1" % n for n in range(HEADER_COUNT_LIMIT + 1)]
    with pytest.raises(Malformed, match="too many"):
        read_headers(lines)


@pytest.mark.parametrize("line", [b"a: \nb", b"a: \rb", b"a: \x00b", b"a: b\r", b"a: \x7fb"])
def test_control_characters_and_bare_line_ends_are_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        check_line(line)
    with pytest.raises(Malformed):
        read_headers([b"Host: x", line])


def test_text_with_tabs_and_latin_letters_passes() -> None:
    check_line(b"a: b\tc \xe9")


def test_a_line_that_was_refused_is_refused_again() -> None:
    for _ in range(2):
        with pytest.raises(Malformed):
            read_headers([b"na me: x"])


@pytest.mark.parametrize("value", [b"+5", b"-1", b"0x10", b"5 5", b"5,5", b"", b"1_0", b"9" * 19])
def test_a_length_that_could_be_read_twice_is_refused(value: bytes) -> None:
    with pytest.raises(Malformed):
        content_length({b"content-length": value})


def test_a_plain_length_is_read() -> None:
    assert content_length({b"content-length": b"0042"}) == 42
    assert content_length({}) is None


@pytest.mark.parametrize(
    "value", [b"gzip, chunked", b"chunked, chunked", b"identity", b"xchunked", b"chunked;q=1", b""]
)
def test_a_coding_that_is_not_exactly_chunked_is_refused(value: bytes) -> None:
    with pytest.raises(Malformed):
        is_chunked({b"transfer-encoding": value})


def test_a_length_beside_chunked_is_refused() -> None:
    with pytest.raises(Malformed, match="together"):
        is_chunked({b"transfer-encoding": b"chunked", b"content-length": b"5"})


def test_chunked_is_read_in_any_case() -> None:
    assert is_chunked({b"transfer-encoding": b"Chunked"})
    assert not is_chunked({})


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        (b"HTTP/1.1", None, True),
        (b"HTTP/1.1", b"close", False),
        (b"HTTP/1.1", b"keep-alive, Close", False),
        (b"HTTP/1.0", None, False),
        (b"HTTP/1.0", b"Keep-Alive", True),
    ],
)
def test_a_connection_is_kept_as_its_version_says(
    version: bytes, connection: bytes | None, kept: bool
) -> None:
    headers = {} if connection is None else {b"connection": connection}
    assert keeps_alive(version, headers) is kept
