"""What is refused of a control-plane call before its body is read: over real connections."""

import httpx
import pytest

from tests.web import answer

pytestmark = pytest.mark.django_db(transaction=True)

HUGE = 10 * 2**40
CREDENTIAL = "Credential=AKIA/20261120/us-east-1/sagemaker/aws4_request"
SIGNED = f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=ab"
TARGET = {"X-Amz-Target": "SageMaker.ListModels", "Content-Type": "application/x-amz-json-1.1"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def head(length: str, **headers: str) -> bytes:
    told = {"Host": "localhost", "X-Amz-Date": "20261120T000000Z", **headers}
    lines = ["POST / HTTP/1.1", length, *(f"{name}: {told[name]}" for name in told)]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("kind", [TARGET, FORM])
def test_nobody_s_body_is_not_waited_for(web_url: str, kind: dict[str, str]) -> None:
    status, said = answer(web_url, head(f"Content-Length: {HUGE}", **kind))
    assert (status, "MissingAuthenticationToken" in said) == (403, True)
    assert ("<ErrorResponse" in said) == (kind is FORM)
    assert "connection: close" in said


def test_a_body_that_no_operation_takes_is_refused_by_its_length(web_url: str) -> None:
    told = head(f"Content-Length: {HUGE}", Authorization=SIGNED, **TARGET)
    status, said = answer(web_url, told)
    assert (status, "larger than 4194304 bytes" in said) == (400, True)
    assert "connection: close" in said


def test_a_body_of_no_length_is_read_so_far(web_url: str) -> None:
    size = 5 * 2**20
    chunk = b"%x\r\n" % size + b"x" * size + b"\r\n"
    told = head("Transfer-Encoding: chunked", Authorization=SIGNED, **TARGET)
    status, said = answer(web_url, told, chunk)
    assert (status, "larger than 4194304 bytes" in said) == (400, True)


def test_a_small_body_that_is_refused_costs_no_connection(web_url: str) -> None:
    with httpx.Client() as client:
        for _ in range(2):
            refused = client.post(web_url, headers=TARGET, content=b"{}")
            assert refused.json()["__type"] == "MissingAuthenticationToken"
            assert "connection" not in refused.headers
