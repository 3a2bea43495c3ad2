from endpoints.gateway.answer import read_answer


def test_a_plain_head_keeps_type_encoding_and_awss_headers() -> None:
    answer = read_answer(
        b"HTTP/1.1 201 Created\r\nContent-Type: text/csv\r\nContent-Encoding: gzip\r\n"
        b"X-Amzn-SageMaker-New-Session-Id: s\r\nServer: x\r\nSet-Cookie: y\r\nContent-Length: 1"
    )
    assert answer.is_success
    assert answer.plain == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nX-Amzn-SageMaker-New-Session-Id: s\r\n"
        b"Content-Encoding: gzip\r\n"
    )


def test_a_streamed_head_moves_the_models_type_aside() -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1")
    assert answer.streamed == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n"
        b"X-Amzn-SageMaker-Content-Type: text/plain\r\n"
    )


def test_a_stream_without_a_type_names_none() -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 1")
    assert b"X-Amzn" not in answer.streamed


def test_anything_but_2xx_is_no_success() -> None:
    for status in (199, 300, 302, 404, 500):
        assert not read_answer(b"HTTP/1.1 %d X\r\nContent-Length: 0" % status).is_success


def test_a_head_seen_before_is_not_read_again_unless_it_is_long() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 77"
    assert read_answer(raw) is read_answer(raw)
    long = raw + b"\r\nX: " + b"y" * 2000
    assert read_answer(long) is not read_answer(long)


def test_a_whole_answer_says_its_length() -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\ncontent-length: 0042")
    assert answer.whole == answer.plain + b"Content-Length: 42\r\n"
