import pytest

from endpoints.wire.headers import Malformed
from endpoints.wire.response import read_response


def test_it_reads_a_model_servers_answer() -> None:
    head = read_response(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 4")
    assert (head.status, head.length, head.chunked, head.keep_alive) == (200, 4, False, True)


def test_a_status_needs_no_words() -> None:
    assert read_response(b"HTTP/1.1 500\r\nContent-Length: 0").status == 500


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    head = read_response(b"HTTP/1.1 200 OK")
    assert head.length is None
    assert not head.keep_alive


def test_an_answer_that_can_have_no_body_has_none() -> None:
    head = read_response(b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked")
    assert (head.length, head.chunked, head.keep_alive) == (0, False, True)


def test_an_old_server_closes() -> None:
    assert not read_response(b"HTTP/1.0 200 OK\r\nContent-Length: 1").keep_alive


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/2 200 OK",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 099 OK",
        b"HTTP/1.1 abc",
        b"ICY 200 OK",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        b"HTTP/1.1 200 OK\nContent-Length: 1",
    ],
)
def test_an_answer_that_cannot_be_read_one_way_is_refused(head: bytes) -> None:
    with pytest.raises(Malformed):
        read_response(head)
