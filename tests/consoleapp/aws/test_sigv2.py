"""Against botocore's own signer of addresses."""

import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from consoleapp.aws import sigv2
from consoleapp.aws.canonical import Request
from consoleapp.aws.sigv4 import Problem, SignatureRefused

SECRET = "secret"


def presigned(url: str = "http://h/b/a%20key", **headers: str) -> Request:
    request = AWSRequest("GET", url, headers={n.replace("_", "-"): v for n, v in headers.items()})
    HmacV1QueryAuth(Credentials("AKIA", SECRET), expires=60).add_auth(request)
    parts = urlsplit(request.url)
    return Request(b"GET", parts.path.encode(), parts.query.encode(), {b"host": b"h"})


def check(request: Request, *, secret: str = SECRET, late_s: float = 0) -> None:
    address = sigv2.read(request.query)
    assert address.key_id == "AKIA"
    sigv2.verify(address, request, path=request.path, secret=secret, now=time.time() + late_s)


def test_what_botocore_signs_passes() -> None:
    assert sigv2.is_presigned(presigned().query)
    check(presigned())


def test_parameters_that_matter_are_signed() -> None:
    url = "http://h/b/k?response-content-disposition=attachment%3B%20x&uploadId=u&partNumber=1"
    check(presigned(url))
    request = presigned(url)
    changed = request.query.replace(b"partNumber=1", b"partNumber=2")
    with pytest.raises(SignatureRefused):
        check(replace(request, query=changed))


def test_headers_that_moved_into_the_address_are_signed() -> None:
    check(presigned(x_amz_meta_a="b c", Content_Type="text/csv"))


@pytest.mark.parametrize(
    ("how", "problem"),
    [({"secret": "other"}, Problem.MISMATCH), ({"late_s": 70}, Problem.EXPIRED)],
)
def test_a_wrong_or_old_address_is_refused(how: dict, problem: Problem) -> None:
    with pytest.raises(SignatureRefused) as caught:
        check(presigned(), **how)
    assert caught.value.problem is problem


@pytest.mark.parametrize("expires", [b"", b"soon", b"9" * 5000])
def test_a_time_that_cannot_be_read_is_told_of(expires: bytes) -> None:
    query = b"AWSAccessKeyId=AKIA&Signature=s&Expires=" + expires
    with pytest.raises(SignatureRefused) as caught:
        sigv2.read(query)
    assert caught.value.problem is Problem.INCOMPLETE


def test_a_key_that_cannot_be_one_is_unknown() -> None:
    with pytest.raises(SignatureRefused) as caught:
        sigv2.read(b"AWSAccessKeyId=A%00&Signature=s&Expires=5")
    assert caught.value.problem is Problem.UNKNOWN_KEY


def test_another_path_or_method_is_refused() -> None:
    for changed in ({"path": b"/b/other"}, {"method": b"PUT"}):
        with pytest.raises(SignatureRefused):
            check(replace(presigned(), **changed))


@pytest.mark.parametrize("query", [b"", b"AWSAccessKeyId=A&Signature=&Expires=5"])
def test_half_an_address_is_incomplete(query: bytes) -> None:
    with pytest.raises(SignatureRefused) as caught:
        sigv2.read(query)
    assert caught.value.problem is Problem.INCOMPLETE


def test_the_store_gets_only_what_is_not_the_signatures() -> None:
    query = b"uploadId=u&AWSAccessKeyId=A&Signature=s&Expires=5&x-amz-acl=private"
    assert sigv2.rest_of(query) == b"uploadId=u"
