import hashlib
import json
import logging
import time
from datetime import UTC, datetime

import pytest

from consoleapp.aws import sigv4
from consoleapp.aws.canonical import Request
from consoleapp.aws.sigv4 import Claim, Problem, SignatureRefused
from endpoints.gateway.keyring import Keyring
from endpoints.wire.request import RequestHead, RequestLine

SECRET = "secret"


def published(day: str = "", region: str = "us-east-1") -> dict[bytes, bytes]:
    day = day or f"{datetime.now(UTC):%Y%m%d}"
    keys = sigv4.day_scoped_keys(SECRET, days=[day], regions=[region])
    return {b"AKIA": json.dumps({"account": "1" * 12, "signing_keys": keys}).encode()}


def keyring(**how: str) -> Keyring:
    ring = Keyring()
    ring.replace(published(**how))
    return ring


def signed(body: bytes = b"", service: str = "sagemaker") -> tuple[Claim, RequestHead]:
    now = time.time()
    headers = {b"host": b"h", b"x-amz-date": sigv4.stamp(now)}
    headers[b"x-amz-content-sha256"] = hashlib.sha256(body).hexdigest().encode()
    headers[b"authorization"] = sigv4.sign(
        Request(b"POST", b"/p", b"", headers),
        key_id="AKIA",
        secret=SECRET,
        region="us-east-1",
        service=service,
        now=now,
    )
    return sigv4.read(headers, b""), RequestHead(
        RequestLine(b"POST", b"/p", b"", is_current=True), headers
    )


def problem(ring: Keyring, claim: Claim, head: RequestHead, body: bytes = b"") -> SignatureRefused:
    with pytest.raises(SignatureRefused) as caught:
        admit(ring, claim, head, body)
    return caught.value


def admit(ring: Keyring, claim: Claim, head: RequestHead, body: bytes) -> None:
    ring.account_of(claim)
    ring.verify(claim, head, body)


def test_a_signed_request_passes_with_its_body() -> None:
    claim, head = signed(b"body")
    ring = keyring()
    assert ring.account_of(claim) == "1" * 12
    ring.verify(claim, head, b"body")


def test_another_body_does_not() -> None:
    claim, head = signed(b"body")
    assert problem(keyring(), claim, head, b"other").problem is Problem.MISMATCH


def test_a_key_that_is_not_published_any_more_is_unknown() -> None:
    claim, head = signed()
    ring = keyring()
    ring.replace({})
    assert problem(ring, claim, head).problem is Problem.UNKNOWN_KEY
    with pytest.raises(SignatureRefused, match="security token"):
        ring.verify(claim, head, b"")


def test_another_services_signature_is_refused() -> None:
    claim, head = signed(service="s3")
    assert "correct service: 'sagemaker'" in problem(keyring(), claim, head).message


def test_a_region_that_is_not_served_is_refused() -> None:
    claim, head = signed()
    assert "valid region" in problem(keyring(region="eu-west-1"), claim, head).message


def test_a_day_whose_key_is_not_there_is_too_old() -> None:
    claim, head = signed()
    assert problem(keyring(day="20200101"), claim, head).problem is Problem.SKEWED


def test_an_entry_that_cannot_be_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    ring = Keyring()
    with caplog.at_level(logging.ERROR):
        ring.replace({b"BROKEN": b"{", b"LIST": b"[]", **published()})
    claim, _ = signed()
    assert ring.account_of(claim) == "1" * 12
    assert caplog.text.count("cannot be read") >= 2
