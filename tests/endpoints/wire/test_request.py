import pytest

from endpoints.wire.headers import HEAD_LIMIT, Malformed
from endpoints.wire.request import read_request


def test_it_reads_what_boto3_sends() -> None:
    head = read_request(
        b"POST /endpoints/ep/invocations?a=b HTTP/1.1\r\nHost: h:80\r\n"
        b"Content-Type: text/csv\r\nContent-Length: 3"
    )
    assert head.line == (b"POST", b"/endpoints/ep/invocations", b"a=b", True)
    assert head.headers[b"content-type"] == b"text/csv"
    assert (head.length, head.chunked, head.keep_alive) == (3, False, True)
    assert head.takes_chunks
    assert not head.wants_continue


def test_a_request_without_a_length_has_no_body() -> None:
    assert read_request(b"GET /health HTTP/1.1\r\nHost: h").length == 0


def test_it_hears_a_client_that_waits_to_be_asked() -> None:
    head = read_request(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1")
    assert head.wants_continue


def test_an_old_client_gets_no_chunks_and_one_answer() -> None:
    head = read_request(b"GET / HTTP/1.0\r\nConnection: keep-alive")
    assert not head.takes_chunks
    assert not head.keep_alive


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"POST /x",
        b"POST  /x HTTP/1.1\r\nHost: h",
        b"POST /x HTTP/1.1 \r\nHost: h",
        b"POST x HTTP/1.1\r\nHost: h",
        b"POST http://h/x HTTP/1.1\r\nHost: h",
        b"CONNECT /x HTTP/1.1\r\nHost: h",
        b"post /x HTTP/1.1\r\nHost: h",
        b"POST /x HTTP/2.0\r\nHost: h",
        b"POST /x http/1.1\r\nHost: h",
        b"POST /x HTTP/1.1",
        b"POST /x HTTP/1.0\r\nTransfer-Encoding: chunked",
        b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6",
        b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x",
        b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked",
        b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\x0bchunked",
        b"POST /x HTTP/1.1\r\nHost: h\nX: y",
        b"POST /x HTTP/1.1\r\nHost: h\r\n folded",
        b"POST /x HTTP/1.1\r\nHost: h\r\nX: y\r",
        b"POST /x\x00 HTTP/1.1\r\nHost: h",
    ],
)
def test_a_head_that_two_parsers_could_read_differently_is_refused(head: bytes) -> None:
    with pytest.raises(Malformed):
        read_request(head)


def test_a_head_that_is_too_long_is_refused() -> None:
    with pytest.raises(Malformed, match="too long"):
        read_request(b"GET /x HTTP/1.1\r\nHost: h\r\nX: " + b"a" * HEAD_LIMIT)
