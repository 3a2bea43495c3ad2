import json

import pytest

from endpoints.gateway import refusals
from endpoints.gateway.refusals import Refusal
from endpoints.routing.table import EndpointRoute

ROUTE = EndpointRoute("1" * 12, "eu-west-1", "ep", "/aws/sagemaker/Endpoints/ep", True, (), (), ())


def test_a_refusal_is_an_answer_in_awss_shape() -> None:
    said = refusals.unknown_endpoint("ep", "1" * 12).encode(b"the-id", keep_alive=True)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 400 Bad Request",
        b"Content-Type: application/json",
        b"x-amzn-ErrorType: ValidationError",
        b"x-amzn-RequestId: the-id",
        b"Content-Length: %d" % len(body),
    ]
    assert json.loads(body) == {"Message": f"Endpoint ep of account {'1' * 12} not found."}


def test_the_last_answer_of_a_connection_says_so() -> None:
    assert b"Connection: close\r\n" in refusals.INTERNAL.encode(b"id", keep_alive=False)


@pytest.mark.parametrize("status", sorted(refusals._STATUS_LINES))
def test_every_status_has_its_line(status: int) -> None:
    said = Refusal(status, "Code").encode(b"id", keep_alive=True)
    assert said.startswith(f"HTTP/1.1 {status} ".encode())


def test_a_long_error_of_a_model_is_quoted_in_part() -> None:
    members = refusals.model_error(ROUTE, 500, b"x" * 100_000).members
    assert members["OriginalMessage"] == "x" * 2048
    assert members["ErrorCode"] == "SERVER_ERROR_FROM_MODEL"


def test_an_error_that_is_no_text_can_still_be_quoted() -> None:
    members = refusals.model_error(ROUTE, 400, b"\xff\xfe").members
    assert members["OriginalMessage"] == "\ufffd\ufffd"


def test_a_time_out_has_awss_words() -> None:
    message = str(refusals.timed_out(ROUTE).members["Message"])
    assert message.startswith(
        'Received server error (0) from primary with message "Your invocation timed out while'
        " waiting for a response from container primary."
    )
    assert "eu-west-1.console.aws.amazon.com" in message
