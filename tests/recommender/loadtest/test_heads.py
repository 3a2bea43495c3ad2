import json

import pytest

from recommender.loadtest import heads
from recommender.loadtest.heads import HeadCache, body_length, ends_unframed
from recommender.loadtest.report import ErrorKind

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def test_a_head_seen_before_gives_the_length_of_its_answer() -> None:
    cache = HeadCache()
    cache.learn(OK + b"0.5\n", now=0.0)
    assert cache.known == {OK: len(OK) + 4}


def test_a_head_is_learnt_from_the_first_piece_of_a_long_answer() -> None:
    cache = HeadCache()
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"
    cache.learn(head + b"x" * 10, now=0.0)
    assert cache.known == {head: len(head) + 100_000}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
    ],
)
def test_an_answer_framed_by_anything_else_is_not_learnt(answer: bytes) -> None:
    cache = HeadCache()
    cache.learn(answer, now=0.0)
    assert cache.known == {}


def test_heads_that_never_repeat_switch_the_cache_off() -> None:
    cache = HeadCache()
    for number in range(2000):
        head = b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 4\r\n\r\n" % number
        cache.learn(head + b"0.5\n", now=number / 1000)
    assert cache.useless
    assert len(cache.known) <= 1


def test_a_head_that_changes_each_second_does_not() -> None:
    cache = HeadCache()
    for second in range(1000):
        head = b"HTTP/1.1 200 OK\r\nDate: %d\r\nContent-Length: 4\r\n\r\n" % second
        cache.learn(head + b"0.5\n", now=float(second))
        assert head in cache.known
    assert len(cache.known) <= 257


def test_the_length_is_read_in_any_case() -> None:
    assert body_length(b"HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh:  12 \r\n\r\n") == 12
    assert body_length(b"HTTP/1.1 200 OK\r\nX-Content-Length: 12\r\n\r\n") is None


def test_only_an_answer_without_any_frame_lasts_until_the_connection_ends() -> None:
    assert ends_unframed(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody")
    assert not ends_unframed(OK)
    assert not ends_unframed(b"")
    assert not ends_unframed(b"HTTP/1.1 200 OK\r\nConnec")


def test_a_sample_holds_what_people_need() -> None:
    answer = b"HTTP/1.1 500 Oh\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nwrong"
    sample = heads.sample(ErrorKind.HTTP_5XX, "row.csv", answer)
    assert (sample.status, sample.answer, sample.payload) == (500, "wrong", "row.csv")
    assert sample.headers["content-type"] == "text/plain"


def test_a_sample_of_a_chunked_answer_shows_the_body_alone() -> None:
    answer = b"HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbad\r\n0\r\n\r\n"
    assert heads.sample(ErrorKind.HTTP_4XX, "a", answer).answer == "bad"


def test_a_sample_of_something_that_is_not_http_shows_its_bytes() -> None:
    sample = heads.sample(ErrorKind.PROTOCOL, "a", b"SSH-2.0-OpenSSH\r\n\xff")
    assert (sample.status, sample.answer) == (0, "SSH-2.0-OpenSSH\r\n\ufffd")


def test_a_sample_is_short() -> None:
    answer = b"HTTP/1.1 500 Oh\r\nContent-Length: 99999\r\n\r\n" + b"x" * 99999
    assert len(heads.sample(ErrorKind.HTTP_5XX, "a", answer).answer) == 512


def test_of_awss_envelope_the_containers_own_words_are_kept() -> None:
    """They come last in it, after a message that repeats them and the endpoint's name."""
    words = 'boom "ü" ' * 100
    envelope = {"Message": f"Received server error (500): {words}", "LogStreamArn": "arn" * 50}
    envelope |= {"OriginalMessage": words, "OriginalStatusCode": 500}
    body = json.dumps(envelope).encode()
    head = b"HTTP/1.1 424 Failed Dependency\r\ncontent-length: %d\r\n\r\n" % len(body)
    kept = json.loads(heads.sample(ErrorKind.HTTP_4XX, "a", head + body).answer)
    assert kept == {"OriginalStatusCode": 500, "OriginalMessage": words[:512]}


def test_an_answer_that_nests_without_end_is_kept_as_it_is() -> None:
    head = b"HTTP/1.1 500 Oh\r\ncontent-length: 9000\r\n\r\n"
    assert heads.sample(ErrorKind.HTTP_5XX, "a", head + b"[" * 9000).answer == "[" * 512
