"""One user against a server that answers in every way there is."""

from pathlib import Path

import pytest

from recommender.loadtest.report import SecondReport
from tests.recommender.loadtest.target import (
    OK,
    Reply,
    Target,
    leave,
    make_crowd,
    run,
    serving,
    until,
)

BODY = b"x" * 300_000
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + BODY
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
)  # fmt: skip
EARLY = b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large"


def play(payload: Path, replies, *, requests: int, **spec) -> tuple[Target, SecondReport]:
    """One user until the server has seen so many requests; what both counted."""
    seen: list[tuple[Target, SecondReport]] = []

    async def scene() -> None:
        async with serving(replies) as target:
            crowd = make_crowd(target.port, payload, **spec)
            crowd.resize(1)
            await until(lambda: len(target.requests) >= requests)
            seen.append((target, await leave(crowd)))

    run(scene())
    return seen[0]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(),
        Reply((OK[:10], OK[10:]), pause_s=0.002),
        Reply(tuple(OK[i : i + 1] for i in range(len(OK)))),
        Reply((LONG,)),
        Reply((LONG[:100], LONG[100:200_000], LONG[200_000:]), pause_s=0.002),
        Reply((CHUNKED,)),
        Reply((CHUNKED[:60], CHUNKED[60:]), pause_s=0.002),
        Reply((b"HTTP/1.1 204 No Content\r\n\r\n",)),
        Reply((b"HTTP/1.1 100 Continue\r\n\r\n", OK), pause_s=0.002),
        Reply((b"HTTP/1.1 100 Continue\r\n\r\n" + OK,)),
    ],
)
def test_every_good_answer_is_one_invocation_on_one_connection(payload: Path, reply: Reply) -> None:
    target, report = play(payload, reply, requests=10)
    assert report.errors == {}
    assert report.invocations == target.answered == len(target.requests)
    assert target.connections == 1


def test_heads_that_are_never_the_same_are_read_as_well(payload: Path) -> None:
    def numbered(number: int) -> Reply:
        return Reply((b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 2\r\n\r\nok" % number,))

    target, report = play(payload, numbered, requests=600, round_trip_ms=0.0)
    assert report.errors == {}
    assert report.invocations == len(target.requests)


def test_the_request_is_what_the_spec_says(payload: Path) -> None:
    target, _ = play(payload, None, requests=3)
    assert set(target.requests) == {
        b"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: text/csv\r\n"
        b"Content-Length: 6\r\n\r\n1,2,3\n" % target.port
    }


@pytest.mark.parametrize(
    "reply",
    [
        Reply(
            (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",), close=True
        ),
        Reply((b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",)),
        Reply((b"HTTP/1.1 200 OK\r\n\r\nuntil the end",), close=True),
        Reply((b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",), close=True),
    ],
)
def test_a_connection_that_ends_with_its_answer_is_followed_by_another(
    payload: Path, reply: Reply
) -> None:
    target, report = play(payload, reply, requests=5)
    assert report.errors == {}
    assert report.invocations == len(target.requests)
    # The user may have had its next connection already when it was told to leave.
    assert target.connections - len(target.requests) in (0, 1)


def test_a_server_that_closes_between_requests_is_no_error(payload: Path) -> None:
    target, report = play(payload, Reply(close=True), requests=5, round_trip_ms=20.0)
    assert report.errors == {}
    assert target.connections - report.invocations in (0, 1)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "http_4xx"), (429, "http_4xx"), (500, "http_5xx"), (503, "http_5xx"), (302, "http_5xx")],
)
def test_an_error_status_is_counted_and_the_user_goes_on(
    payload: Path, status: int, kind: str
) -> None:
    answer = b"HTTP/1.1 %d No\r\nX-Why: because\r\nContent-Length: 5\r\n\r\nwrong" % status
    target, report = play(payload, Reply((answer,)), requests=5)
    assert report.errors == {kind: len(target.requests)}
    assert report.succeeded == 0
    assert target.connections == 1
    sample = report.error_samples[0]
    assert (sample.status, sample.answer, sample.payload) == (status, "wrong", "row.csv")
    assert sample.headers["x-why"] == "because"


def test_errors_among_good_answers_are_told_apart(payload: Path) -> None:
    bad = Reply((b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",))
    target, report = play(payload, lambda n: bad if n % 3 == 0 else Reply(), requests=30)
    expected = (len(target.requests) + 2) // 3
    assert report.errors == {"http_5xx": expected}
    assert report.succeeded == len(target.requests) - expected


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (Reply((b"hello, this is no HTTP\r\n\r\n",)), "hello"),
        (Reply((OK + OK,)), "0.5"),
        (Reply((OK[:-2],), close=True), "0."),
        (Reply((CHUNKED[:-8],), abort=True), "abc"),
        (Reply((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",), close=True), ""),
    ],
)
def test_an_answer_that_is_not_one_is_a_protocol_error(
    payload: Path, reply: Reply, answer: str
) -> None:
    target, report = play(payload, reply, requests=4)
    assert report.errors == {"protocol": len(target.requests)}
    assert answer in report.error_samples[0].answer
    assert target.connections - len(target.requests) in (0, 1)


def test_two_answers_after_a_known_head_are_a_protocol_error(payload: Path) -> None:
    twice = Reply((OK + OK,))
    _, report = play(payload, lambda n: twice if n == 5 else Reply(), requests=10)
    assert report.errors == {"protocol": 1}


def test_a_connection_that_breaks_before_the_answer_is_a_connect_error(payload: Path) -> None:
    target, report = play(payload, Reply((), close=True), requests=3)
    assert report.errors == {"connect": len(target.requests)}
    assert report.error_samples[0].answer == "the connection broke before an answer came"


def test_an_error_does_not_show_the_answer_before_it(payload: Path) -> None:
    gone = Reply((), close=True)
    split = Reply((OK[:10], OK[10:]), pause_s=0.002)
    _, report = play(payload, lambda n: gone if n == 3 else split, requests=6)
    assert report.errors == {"connect": 1}


def test_an_answer_that_comes_too_late_is_a_timeout(payload: Path) -> None:
    seen = []

    async def scene() -> None:
        async with serving(lambda n: Reply(pause_s=30.0 if n == 2 else 0.0)) as target:
            crowd = make_crowd(target.port, payload, timeout_s=0.2)
            crowd.resize(1)
            await until(lambda: len(target.requests) == 3)
            user = crowd.present[0]
            crowd.expire(user.sent_at + 0.19)
            assert crowd.under_way == 1
            crowd.expire(user.sent_at + 0.21)
            await until(lambda: len(target.requests) > 5)
            seen.append((target.connections, await leave(crowd)))

    run(scene())
    connections, report = seen[0]
    assert report.errors == {"timeout": 1}
    assert connections == 2
    assert report.error_samples[0].answer == "no answer came in time"


def test_a_large_payload_arrives_whole(tmp_path: Path) -> None:
    payload = tmp_path / "large.bin"
    payload.write_bytes(bytes(range(256)) * 40_000)
    target, report = play(payload, None, requests=4)
    assert report.errors == {}
    assert all(r.endswith(payload.read_bytes()) for r in target.requests)


def test_an_answer_before_the_whole_request_was_sent_costs_the_connection(tmp_path: Path) -> None:
    payload = tmp_path / "large.bin"
    payload.write_bytes(b"x" * 30_000_000)
    early = Reply((EARLY,), head_only=True, pause_s=0.05)
    target, report = play(payload, lambda n: early, requests=3)
    assert report.errors["http_4xx"] >= 2
    assert report.error_samples[0].answer == "too large"
    assert target.connections - len(target.requests) in (0, 1)


def test_the_latency_is_the_answers_and_not_the_round_trips(payload: Path) -> None:
    _, report = play(payload, Reply(pause_s=0.02), requests=10, round_trip_ms=50.0)
    assert 19_000 <= report.latency_min_us <= report.latency_max_us
    assert report.latency_min_us < 50_000


def test_no_round_trip_at_all_is_allowed(payload: Path) -> None:
    target, report = play(payload, None, requests=200, round_trip_ms=0.0)
    assert report.invocations == len(target.requests) >= 200
