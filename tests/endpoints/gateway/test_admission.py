import time
from typing import Any

import pytest

from consoleapp.aws import sigv4
from endpoints.gateway.admission import Admission, Kind, forwarded
from endpoints.gateway.keyring import Keyring
from endpoints.wire.headers import Malformed
from tests.endpoints.gateway.rig import ACCOUNT, REGION, TOKEN, invocation


def admission() -> Admission:
    return Admission(Keyring(), TOKEN)


def head(*headers: str, **how: Any) -> bytes:
    return invocation(b"", headers=headers, **how).partition(b"\r\n\r\n")[0]


def test_the_consoles_own_clients_come_in_by_token() -> None:
    admitted = admission().admit(head())
    assert admitted.refusal is None
    assert admitted.kind is Kind.INVOKE
    assert (admitted.account, admitted.endpoint) == (ACCOUNT, "ep")
    assert admitted.key == f"{ACCOUNT}/{REGION}/ep"
    assert admitted.claim is None


def test_a_head_that_comes_again_and_again_is_not_read_again() -> None:
    gate = admission()
    gate.admit(head())
    assert gate.admit(head()) is gate.admit(head())
    assert gate.admit(head("X: y")) is not gate.admit(head())


def test_a_head_comes_again_among_many_that_never_do() -> None:
    gate = admission()
    for number in range(1000):
        gate.admit(head(f"X: {number}"))
        gate.admit(head())
    assert gate.admit(head()) is gate.admit(head())


def test_what_was_refused_is_read_again() -> None:
    gate = admission()
    assert gate.admit(head(token="wrong")) is not gate.admit(head(token="wrong"))


@pytest.mark.parametrize("token", ["wrong", "", TOKEN + "x"])
def test_another_token_is_refused(token: str) -> None:
    refusal = admission().admit(head(token=token)).refusal
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "AccessDeniedException")


@pytest.mark.parametrize(
    ("header", "member"),
    [
        ("Target-Model: a.tar.gz", "TargetModel"),
        ("Target-Container-Hostname: second", "TargetContainerHostname"),
        ("Inference-Component: one", "InferenceComponentName"),
    ],
)
def test_a_choice_that_the_endpoint_does_not_have_is_refused_and_not_left_out(
    header: str, member: str
) -> None:
    gate = admission()
    for number in range(4):
        plain, choosing = (f"X: {number}",), (f"X: {number}", f"X-Amzn-SageMaker-{header}{number}")
        assert gate.admit(head(*plain)).refusal is None
        refusal = gate.admit(head(*choosing)).refusal
        assert refusal is not None
        assert (refusal.status, refusal.code) == (400, "ValidationError")
        assert str(refusal.members["Message"]).startswith(f"{member} is for")


@pytest.mark.parametrize(
    ("header", "member", "most"),
    [("Custom-Attributes", "customAttributes", 1024), ("Inference-Id", "inferenceId", 64)],
)
def test_a_header_is_as_long_as_aws_takes_it_and_not_longer(
    header: str, member: str, most: int
) -> None:
    assert admission().admit(head(f"X-Amzn-SageMaker-{header}: {'a' * most}")).refusal is None
    refusal = admission().admit(head(f"X-Amzn-SageMaker-{header}: {'a' * (most + 1)}")).refusal
    assert refusal is not None
    assert (refusal.status, refusal.code) == (400, "ValidationError")
    said = f"at '{member}' failed to satisfy constraint: Member must have length less than"
    assert f"{said} or equal to {most}" in str(refusal.members["Message"])


def test_without_any_proof_the_token_is_missing() -> None:
    refusal = admission().admit(head(token=None)).refusal
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "MissingAuthenticationToken")


def test_a_key_nobody_knows_is_refused_before_the_body() -> None:
    claim = f"AWS4-HMAC-SHA256 Credential=AKIA/{time.strftime('%Y%m%d')}/r/sagemaker/aws4_request"
    refusal = (
        admission()
        .admit(
            head(
                f"Authorization: {claim}, SignedHeaders=host, Signature=x",
                f"X-Amz-Date: {sigv4.stamp(time.time()).decode()}",
                token=None,
            )
        )
        .refusal
    )
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "UnrecognizedClientException")


@pytest.mark.parametrize(
    "line",
    [
        "GET /endpoints/ep/invocations",
        "POST /endpoints/ep",
        "POST /endpoints/-ep/invocations",
        "POST /endpoints/e%70/invocations",
        "POST /endpoints/ep/invocations/",
        "POST /endpoints/" + "e" * 64 + "/invocations",
        "POST /",
        "POST /health",
    ],
)
def test_what_is_no_operation_is_said_so(line: str) -> None:
    admitted = admission().admit(f"{line} HTTP/1.1\r\nHost: h".encode())
    assert admitted.refusal is not None
    assert (admitted.refusal.status, admitted.refusal.code) == (404, "UnknownOperationException")


def test_asynchronous_invocation_is_not_there_yet() -> None:
    refusal = admission().admit(head(action="async-invocations")).refusal
    assert refusal is not None
    assert refusal.status == 501
    assert "InvokeEndpointAsync" in refusal.body.decode()


def test_a_response_stream_is_asked_for_by_path() -> None:
    admitted = admission().admit(head(action="invocations-response-stream"))
    assert admitted.kind is Kind.STREAM


def test_health_needs_no_proof() -> None:
    assert admission().admit(b"GET /health HTTP/1.1\r\nHost: h").kind is Kind.HEALTH


def test_malformed_heads_are_not_remembered() -> None:
    with pytest.raises(Malformed):
        admission().admit(b"nonsense")


def test_a_target_variant_is_read() -> None:
    admitted = admission().admit(head("X-Amzn-SageMaker-Target-Variant: blue"))
    assert admitted.target_variant == "blue"


def test_only_what_aws_knows_is_forwarded_as_aws_spells_it() -> None:
    assert forwarded(
        {
            b"content-type": b"text/csv",
            b"x-amzn-sagemaker-custom-attributes": b"a",
            b"x-amzn-sagemaker-of-tomorrow": b"b",
            b"authorization": b"secret",
            b"x-console-token": b"secret",
        }
    ) == (
        b"Content-Type: text/csv\r\nX-Amzn-SageMaker-Custom-Attributes: a\r\n"
        b"x-amzn-sagemaker-of-tomorrow: b\r\n"
    )


def known_by_shape() -> Admission:
    gate = admission()
    for number in range(4):
        gate.admit(head(f"X-Amzn-SageMaker-Inference-Id: {number}"))
    return gate


def test_heads_that_differ_in_an_id_are_admitted_alike_with_their_own_id() -> None:
    raw = head("Content-Type: text/csv", "X-Amzn-SageMaker-Inference-Id: nine")
    gate = admission()
    for number in range(4):
        gate.admit(raw.replace(b"nine", b"%d" % number))
    admitted = gate.admit(raw)
    alone = admission().admit(raw)
    assert admitted.head.shape is not None
    assert sorted(admitted.forward.split(b"\r\n")) == sorted(alone.forward.split(b"\r\n"))
    for name in ("account", "claim", "endpoint", "key", "kind", "refusal", "target_variant"):
        assert getattr(admitted, name) == getattr(alone, name)


def test_a_client_that_is_known_proves_itself_each_time() -> None:
    gate = known_by_shape()
    for number in range(4):
        one = head(f"X-Amzn-SageMaker-Inference-Id: {number}", token=f"wrong {number}")
        refusal = gate.admit(one).refusal
        assert refusal is not None
        assert refusal.status == 403


def test_accounts_and_variants_that_differ_are_told_apart() -> None:
    gate = admission()
    raw = head("X-Amzn-SageMaker-Target-Variant: v0")
    for number in range(6):
        account = f"{number:012d}"
        one = raw.replace(ACCOUNT.encode(), account.encode()).replace(b"v0", b"v%d" % number)
        admitted = gate.admit(one)
        assert (admitted.account, admitted.target_variant) == (account, f"v{number}")
        assert admitted.key == f"{account}/{REGION}/ep"


def test_a_known_shape_with_another_length_keeps_its_own() -> None:
    gate = admission()
    lengths = [gate.admit(head().replace(b": 0", b": %d" % n)).head.length for n in range(6)]
    assert lengths == list(range(6))


def test_the_model_gets_the_length_that_came_or_that_of_all_chunks() -> None:
    gate = admission()
    plain = head().replace(b"Length: 0", b"Length: 007")
    assert gate.admit(plain).forward == b"Content-Length: 7\r\n\r\n"
    assert gate.admit(head(chunked=True)).forward == b""
