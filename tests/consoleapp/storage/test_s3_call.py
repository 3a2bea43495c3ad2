"""Headers that an SDK puts into a presigned address: real boto3, a real object store."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from consoleapp.accounts.actor import Actor
from tests.consoleapp.storage.callers import client, code_of

pytestmark = pytest.mark.django_db(transaction=True)


def address(url: str, s3: Any, key: str, **moved: str) -> str:
    """To PUT there, with these headers in the query: as JavaScript's SDK writes it."""
    found = s3._request_signer._credentials
    query = urlencode({name.replace("_", "-"): value for name, value in moved.items()})
    request = AWSRequest("PUT", f"{url}/alices/{key}?{query.replace('+', '%20')}")
    made = Credentials(found.access_key, found.secret_key)
    S3SigV4QueryAuth(made, "s3", "us-east-1", expires=60).add_auth(request)
    return str(request.url)


def test_metadata_in_an_address_is_the_object_s(web_url: str, s3: Any, actor: Actor) -> None:
    put = address(web_url, s3, "k", x_amz_meta_stage="a test", x_amz_acl="public-read")
    assert httpx.put(put, content=b"x").status_code == 200
    assert s3.head_object(Bucket="alices", Key="k")["Metadata"] == {"stage": "a test"}
    older = client(web_url, actor, signature_version="s3")
    params = {"Bucket": "alices", "Key": "old", "Metadata": {"stage": "a test"}}
    made = older.generate_presigned_url("put_object", Params=params)
    assert httpx.put(made, content=b"x").status_code == 200
    assert s3.head_object(Bucket="alices", Key="old")["Metadata"] == {"stage": "a test"}


def test_an_address_that_copies_copies(web_url: str, s3: Any) -> None:
    s3.put_object(Bucket="alices", Key="k", Body=b"original")
    copy = address(web_url, s3, "copy", x_amz_copy_source="alices/k")
    assert httpx.put(copy).status_code == 200
    assert s3.get_object(Bucket="alices", Key="copy")["Body"].read() == b"original"


def test_a_header_of_the_older_signature_is_told_what_to_use(
    web_url: str, s3: Any, actor: Actor
) -> None:
    """AWS's own words, where a 404 would say that the bucket is missing."""
    older = client(web_url, actor, signature_version="s3")
    with pytest.raises(ClientError, match="Please use AWS4-HMAC-SHA256") as caught:
        older.list_objects_v2(Bucket="alices")
    assert caught.value.response["Error"]["Code"] == "InvalidRequest"
    assert code_of(older.head_bucket, Bucket="alices") == ("400", 400)


@pytest.mark.parametrize("source", ["alices/k", "charlies/../alices/k"])
def test_an_address_copies_nothing_of_others(
    web_url: str, s3: Any, strange: Any, source: str
) -> None:
    s3.put_object(Bucket="alices", Key="k", Body=b"secret")
    strange.create_bucket(Bucket="charlies")
    copy = address(web_url, strange, "stolen", x_amz_copy_source=source)
    refused = httpx.put(copy.replace("/alices/stolen", "/charlies/stolen"))
    assert refused.status_code in (400, 403)
    copy = address(web_url, s3, "stolen", x_amz_copy_source="charlies/k")
    refused = httpx.put(copy)
    assert (refused.status_code, "NoSuchBucket" in refused.text) == (404, True)
    assert code_of(s3.head_object, Bucket="alices", Key="stolen") == ("404", 404)


@pytest.mark.parametrize(
    "moved", [{"x_amz_meta_a": "a\r\nx-amz-meta-b: b"}, {"x_amz_meta_a: b\r\nc": "d"}]
)
def test_an_address_brings_no_header_within_another(
    web_url: str, s3: Any, moved: dict[str, str]
) -> None:
    split = address(web_url, s3, "k", **moved)
    refused = httpx.put(split, content=b"x")
    assert (refused.status_code, "InvalidArgument" in refused.text) == (400, True)
