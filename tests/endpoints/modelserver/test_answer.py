import json
import logging
from pathlib import Path

import pytest

from modelserver import answer
from modelserver.answer import Answerer, Request
from modelserver.encode import Answer
from modelserver.errors import RequestRefused
from modelserver.options import Options

OPTIONS = Options("xgboost", Path("/models"), 8080, workers=2)


class Handler:
    quick = True

    def __init__(self, outcome):
        self.outcome = outcome

    def invoke(self, body, content_type, accept):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def respond(outcome=None, method=b"POST", path=b"/invocations", headers=None, keep_alive=True):
    request = Request(method, path, headers or {}, b"1,2", keep_alive)
    raw = Answerer(Handler(outcome), OPTIONS).respond(request)
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), lines[1:], body.decode()


def test_ping_is_200_and_empty():
    status, headers, body = respond(method=b"GET", path=b"/ping")
    assert (status, body) == (200, "")
    assert "content-length: 0" in headers


def test_an_invocation_answers_what_the_handler_made():
    status, headers, body = respond(Answer(b"0.5", "text/csv"))
    assert (status, body) == (200, "0.5")
    assert "content-type: text/csv; charset=utf-8" in headers


def test_execution_parameters_tell_batch_transform_what_it_may_send():
    status, _, body = respond(method=b"GET", path=b"/execution-parameters")
    assert status == 200
    assert json.loads(body) == {
        "MaxConcurrentTransforms": 2,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        (b"GET", b"/invocations", 405),
        (b"POST", b"/ping", 405),
        (b"GET", b"/", 404),
        (b"POST", b"/models", 404),
    ],
)
def test_other_routes_say_what_to_use(method, path, status):
    got, _, body = respond(method=method, path=path)
    assert got == status
    assert body


def test_custom_attributes_come_back():
    headers = {b"x-amzn-sagemaker-custom-attributes": b"trace=7"}
    _, sent, _ = respond(Answer(b"1"), headers=headers)
    assert "x-amzn-sagemaker-custom-attributes: trace=7" in sent


def test_the_last_answer_of_a_connection_says_so():
    assert "connection: close" in respond(Answer(b"1"), keep_alive=False)[1]
    assert "connection: close" not in respond(Answer(b"1"))[1]


def test_a_refusal_keeps_its_status_and_words():
    status, _, body = respond(RequestRefused(415, "Send CSV."))
    assert (status, body) == (415, "Send CSV.")


def test_a_failing_model_is_500_with_the_error_and_a_trace_in_the_log(caplog, monkeypatch):
    monkeypatch.setattr(answer, "_traced_at", -10.0)
    with caplog.at_level(logging.ERROR):
        status, _, body = respond(ValueError("no such column"))
    assert (status, body) == (500, "ValueError: no such column")
    assert caplog.records[0].exc_info is not None


def test_a_model_that_always_fails_does_not_fill_the_log(caplog, monkeypatch):
    monkeypatch.setattr(answer, "_traced_at", -10.0)
    monkeypatch.setattr(answer, "_untraced", 0)
    with caplog.at_level(logging.ERROR):
        for _ in range(50):
            respond(ValueError("no"))
    assert len(caplog.records) < 5


def test_an_error_may_carry_its_own_status_as_in_aws_s_toolkit():
    error = ValueError("bad input")
    error.status_code = 422
    assert respond(error)[0] == 422


def test_a_script_cannot_write_headers_through_its_content_type():
    _, headers, _ = respond(Answer(b"1", "text/plain\r\nx-evil: 1"))
    assert not any(header.startswith("x-evil") for header in headers)
