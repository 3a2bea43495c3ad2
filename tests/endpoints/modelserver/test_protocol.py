import re
import socket

import pytest

from tests.endpoints.modelserver.servers import Server

ROW = b"1,2,3,4,5"


def request(body: bytes = ROW, *headers: bytes, method: bytes = b"POST /invocations") -> bytes:
    lines = [method + b" HTTP/1.1", b"host: x", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def exchange(server: Server, sent: bytes) -> bytes:
    """All that comes back until the server closes."""
    with server.connect() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def read_one(connection: socket.socket) -> tuple[int, bytes]:
    reader = connection.makefile("rb")
    status = int(reader.readline().split()[1])
    length = 0
    while (line := reader.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return status, reader.read(length)


def test_a_connection_serves_request_after_request(server):
    with server.connect() as connection:
        for _ in range(3):
            connection.sendall(request())
            assert read_one(connection)[0] == 200


def test_a_request_in_single_bytes_is_read(server):
    with server.connect() as connection:
        for byte in request():
            connection.sendall(bytes([byte]))
        assert read_one(connection)[0] == 200


def test_pipelined_requests_are_answered_in_order(server):
    large = b"\n".join([ROW] * 10_000)
    # The first leaves the event loop; the others must wait for it.
    sent = request(large) + request(b"1,2") + request(method=b"GET /ping")
    received = exchange(server, sent)
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"200", b"400", b"200"]


def test_a_chunked_body_is_read(server):
    sent = (
        b"POST /invocations HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
        b"4\r\n1,2,\r\n5\r\n3,4,5\r\n0\r\n\r\n"
    )
    with server.connect() as connection:
        connection.sendall(sent)
        assert read_one(connection)[0] == 200


def test_expect_100_continue_is_answered_before_the_body(server):
    head, _, body = request(ROW, b"expect: 100-continue").partition(b"\r\n\r\n")
    with server.connect() as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(body)
        assert read_one(connection)[0] == 200


def test_connection_close_is_honoured(server):
    with server.connect() as connection:
        connection.sendall(request(ROW, b"connection: close"))
        assert b"connection: close" in read_all(connection)


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        # Two lengths, or a length and chunks: what one reads, another smuggles.
        b"POST /invocations HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n1,2",
        b"POST /invocations HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n1,2",
    ],
)
def test_what_is_no_clear_request_is_400_and_the_end(server, sent):
    received = exchange(server, sent)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1") == 1
    assert server.answers_ping()


def test_an_upgrade_is_not_taken_and_ends_the_connection(server):
    head = b"GET /ping HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    received = exchange(server, head + request())
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1") == 1


def test_a_client_that_closed_its_side_still_gets_a_slow_answer(server):
    assert exchange(server, request(b"\n".join([ROW] * 10_000))).startswith(b"HTTP/1.1 200 ")


def test_a_body_over_the_limit_is_413_with_the_limit(server):
    body = b"1" * (6 * 1024 * 1024 + 1)
    received = exchange(server, request(body))
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"6291456 bytes (MAX_CONTENT_LENGTH)" in received


def test_chunks_over_the_limit_are_413_too(server):
    head = b"POST /invocations HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"100000\r\n" + b"1" * 0x100000 + b"\r\n"
    assert exchange(server, head + chunk * 7).startswith(b"HTTP/1.1 413 ")


def test_headers_over_the_limit_are_431(server):
    many = [b"x-%d: 1" % number for number in range(200)]
    assert exchange(server, request(ROW, *many)).startswith(b"HTTP/1.1 431 ")
    huge = b"x-huge: " + b"a" * 70_000
    assert exchange(server, request(ROW, huge)).startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


def test_a_client_that_leaves_in_the_middle_harms_nobody(server):
    with server.connect() as connection:
        connection.sendall(request()[:-3])
    with server.connect() as connection:
        connection.sendall(request(b"\n".join([ROW] * 10_000)))
    assert server.invoke(ROW).status_code == 200


def test_head_gets_no_second_answer(server):
    received = exchange(server, request(b"", method=b"HEAD /ping") + request())
    assert received.count(b"HTTP/1.1") == 1
