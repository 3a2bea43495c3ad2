"""Against botocore's own signers: what they sign passes, what is changed afterwards does not."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.aws import sigv4
from consoleapp.aws.canonical import Request
from consoleapp.aws.sigv4 import Problem, SignatureRefused

KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"
BODY = b"1,2,3"
URL = "http://localhost:8000/endpoints/ep/invocations"


def signed(
    url: str = URL,
    *,
    method: str = "POST",
    body: bytes = BODY,
    service: str = "sagemaker",
    headers: dict[str, str] | None = None,
    auth: Callable[..., SigV4Auth] = SigV4Auth,
) -> Request:
    """A request as it comes over the wire after botocore has signed it."""
    request = AWSRequest(method, url, headers={"Host": urlsplit(url).netloc, **(headers or {})})
    request.data = body
    auth(Credentials(KEY_ID, SECRET), service, REGION).add_auth(request)
    parts = urlsplit(request.url)
    lowered = {name.lower().encode(): str(v).encode() for name, v in request.headers.items()}
    return Request(method.encode(), parts.path.encode(), parts.query.encode(), lowered)


def check(request: Request, body: bytes = BODY, *, late_s: float = 0, secret: str = SECRET) -> None:
    claim = sigv4.read(request.headers, request.query)
    key = sigv4.signing_key(secret, claim.day, claim.region, claim.service)
    marker = request.headers.get(b"x-amz-content-sha256")
    digest = marker or hashlib.sha256(body).hexdigest().encode()
    if claim.service == "s3" and claim.expires_s:
        digest = sigv4.UNSIGNED_PAYLOAD
    sigv4.verify(claim, request, key=key, payload_hash=digest, now=time.time() + late_s)


def problem_of(request: Request, **how: object) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as caught:
        check(request, **how)  # type: ignore[arg-type]
    return caught.value


def test_a_signed_header_passes() -> None:
    check(signed())


def test_a_claim_says_who_where_and_when() -> None:
    request = signed()
    claim = sigv4.read(request.headers, request.query)
    assert (claim.key_id, claim.region, claim.service) == (KEY_ID, REGION, "sagemaker")
    assert claim.scope == f"{claim.day}/us-east-1/sagemaker"
    assert claim.expires_s is None


def test_a_presigned_address_passes_until_it_expires() -> None:
    def auth(*args: object) -> SigV4QueryAuth:
        return SigV4QueryAuth(*args, expires=1000)

    request = signed(auth=auth, method="GET", body=b"")
    check(request, b"", late_s=990)
    assert problem_of(request, body=b"", late_s=1010).problem is Problem.EXPIRED


@given(
    key=st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=30),
    value=st.text(st.characters(codec="ascii", min_codepoint=32), max_size=20),
)
def test_any_s3_key_and_query_passes(key: str, value: str) -> None:
    from urllib.parse import quote

    url = f"http://localhost:8000/bucket/{quote(key, safe='/~')}?prefix={quote(value, safe='')}"
    check(signed(url, method="GET", body=b"", service="s3", auth=S3SigV4Auth), b"")


def test_a_presigned_s3_address_passes() -> None:
    def auth(*args: object) -> S3SigV4QueryAuth:
        return S3SigV4QueryAuth(*args, expires=60)

    url = "http://localhost:8000/bucket/a%20b%2Bc"
    check(signed(url, method="GET", body=b"", service="s3", auth=auth), b"")


def test_other_services_encode_the_path_twice() -> None:
    check(signed("http://localhost:8000/a%3Ab/c"))


def test_values_with_many_blanks_pass() -> None:
    check(signed(headers={"X-Amzn-SageMaker-Custom-Attributes": "  a   b  "}))


@pytest.mark.parametrize(
    "changed",
    [
        lambda request: replace(request, method=b"PUT"),
        lambda request: replace(request, path=b"/endpoints/other/invocations"),
        lambda request: replace(request, query=b"a=b"),
        lambda request: replace(request, headers={**request.headers, b"host": b"elsewhere"}),
    ],
)
def test_a_request_changed_on_the_way_is_refused(
    changed: Callable[[Request], Request],
) -> None:
    refused = problem_of(changed(signed()))
    assert refused.problem is Problem.MISMATCH
    assert refused.message.startswith("The request signature we calculated does not match")


def test_another_body_is_refused() -> None:
    assert problem_of(signed(), body=b"other").problem is Problem.MISMATCH


def test_another_secret_is_refused() -> None:
    assert problem_of(signed(), secret="other").problem is Problem.MISMATCH


@pytest.mark.parametrize("late_s", [310, 86_400])
def test_an_old_signature_is_refused_with_the_times(late_s: int) -> None:
    refused = problem_of(signed(), late_s=late_s)
    assert refused.problem is Problem.SKEWED
    assert refused.message.startswith("Signature expired: ")
    assert refused.message.endswith(" - 5 min.)")


def test_a_signature_of_the_future_is_refused() -> None:
    refused = problem_of(signed(), late_s=-310)
    assert refused.problem is Problem.SKEWED
    assert refused.message.startswith("Signature not yet current: ")


@pytest.mark.parametrize("late_s", [-290, 290])
def test_five_minutes_of_skew_are_allowed(late_s: int) -> None:
    check(signed(), late_s=late_s)


def test_a_steering_header_that_is_not_signed_is_refused() -> None:
    request = signed()
    request = replace(request, headers={**request.headers, b"x-amz-target": b"SageMaker.Delete"})
    refused = problem_of(request)
    assert refused.problem is Problem.MISMATCH
    assert "not signed: x-amz-target" in refused.message


def test_a_signature_that_leaves_the_host_out_is_refused() -> None:
    request = signed()
    without = request.headers[b"authorization"].replace(b"host;", b"")
    request = replace(request, headers={**request.headers, b"authorization": without})
    assert "'Host'" in problem_of(request).message


def test_no_signature_at_all_is_missing() -> None:
    request = replace(signed(), headers={b"host": b"localhost"})
    refused = problem_of(request)
    assert refused.problem is Problem.MISSING
    assert not sigv4.is_signed(request.headers, request.query)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Credential=", b"Other="),
        (b"Signature=", b"Sig="),
        (b"SignedHeaders=", b"Headers="),
        (b"/aws4_request", b""),
        (b"/sagemaker/", b"/"),
    ],
)
def test_half_an_authorization_is_incomplete(old: bytes, new: bytes) -> None:
    request = signed()
    broken = request.headers[b"authorization"].replace(old, new)
    request = replace(request, headers={**request.headers, b"authorization": broken})
    assert problem_of(request).problem is Problem.INCOMPLETE


@pytest.mark.parametrize("stamp", [b"", b"yesterday", b"20261399T000000Z"])
def test_a_date_that_is_none_is_refused(stamp: bytes) -> None:
    request = signed()
    request = replace(request, headers={**request.headers, b"x-amz-date": stamp})
    assert problem_of(request).problem in (Problem.INCOMPLETE, Problem.MISMATCH)


@pytest.mark.parametrize("expires", [b"0", b"604801", b"soon", b"", b"9" * 5000])
def test_a_presigned_address_lives_a_week_at_most(expires: bytes) -> None:
    def auth(*args: object) -> SigV4QueryAuth:
        return SigV4QueryAuth(*args, expires=60)

    request = signed(auth=auth, method="GET", body=b"")
    query = request.query.replace(b"X-Amz-Expires=60", b"X-Amz-Expires=" + expires)
    assert problem_of(replace(request, query=query)).problem is Problem.INCOMPLETE


@pytest.mark.parametrize("key_id", [b"", b"A%00", b"A%20B", b"%C3%A4"])
def test_a_key_that_cannot_be_one_is_unknown(key_id: bytes) -> None:
    """PostgreSQL would not even look for a NUL."""

    def auth(*args: object) -> SigV4QueryAuth:
        return SigV4QueryAuth(*args, expires=60)

    request = signed(auth=auth, method="GET", body=b"")
    before, _, after = request.query.partition(b"X-Amz-Credential=")
    query = before + b"X-Amz-Credential=" + key_id + after[after.index(b"%2F") :]
    assert problem_of(replace(request, query=query)).problem is Problem.UNKNOWN_KEY


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_garbage_is_refused_and_nothing_else(authorization: bytes, query: bytes) -> None:
    headers = {
        b"authorization": sigv4.ALGORITHM + authorization,
        b"host": b"h",
        b"x-amz-date": b"x",
    }
    assert problem_of(Request(b"POST", b"/", query, headers))
    assert problem_of(Request(b"POST", b"/", b"X-Amz-Algorithm=" + query, {b"host": b"h"}))


def test_day_scoped_keys_are_the_ones_that_verify() -> None:
    from base64 import b64decode

    keys = sigv4.day_scoped_keys(SECRET, days=["20261120"], regions=["us-east-1", "eu-west-1"])
    assert set(keys) == {"20261120/us-east-1/sagemaker", "20261120/eu-west-1/sagemaker"}
    expected = sigv4.signing_key(SECRET, "20261120", "eu-west-1", "sagemaker")
    assert b64decode(keys["20261120/eu-west-1/sagemaker"]) == expected


def test_aws_own_example_of_a_signing_key() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    key = sigv4.signing_key(SECRET, "20120215", "us-east-1", "iam")
    assert key.hex() == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"


def test_what_we_sign_verifies() -> None:
    now = time.time()
    headers = {
        b"host": b"127.0.0.1:8333",
        b"x-amz-date": sigv4.stamp(now),
        b"x-amz-content-sha256": sigv4.UNSIGNED_PAYLOAD,
    }
    request = Request(b"PUT", b"/bucket/a%20key", b"partNumber=1&uploadId=x", headers)
    headers[b"authorization"] = sigv4.sign(
        request, key_id=KEY_ID, secret=SECRET, region=REGION, service="s3", now=now
    )
    check(request)


def test_every_problem_has_a_code_in_every_protocol() -> None:
    for codes in (sigv4.JSON_CODES, sigv4.QUERY_CODES, sigv4.S3_CODES):
        assert set(codes) == set(Problem)
