"""S3 through the public address: real boto3, a real object store, keys of two teams."""

import hashlib
import json
import urllib.parse
from io import BytesIO
from typing import Any

import httpx
import pytest
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Role
from consoleapp.storage import bucket_access
from consoleapp.storage.models import Bucket
from tests import factories
from tests.consoleapp.storage.callers import client, client_of, code_of
from tests.object_store import ObjectStore

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_put_can_be_got_headed_listed_copied_and_deleted(s3: Any) -> None:
    s3.put_object(Bucket="alices", Key="a folder/größe+1.csv", Body=b"0123456789")
    got = s3.get_object(Bucket="alices", Key="a folder/größe+1.csv", Range="bytes=2-4")
    assert got["Body"].read() == b"234"
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    head = s3.head_object(Bucket="alices", Key="a folder/größe+1.csv")
    assert head["ContentLength"] == 10
    s3.copy_object(
        Bucket="alices", Key="copy", CopySource={"Bucket": "alices", "Key": "a folder/größe+1.csv"}
    )
    listed = s3.list_objects_v2(Bucket="alices", Prefix="")
    assert {item["Key"] for item in listed["Contents"]} == {"a folder/größe+1.csv", "copy"}
    s3.delete_object(Bucket="alices", Key="copy")
    assert s3.list_objects_v2(Bucket="alices")["KeyCount"] == 1


def test_large_objects_go_up_in_parts(s3: Any) -> None:
    content = bytes(range(256)) * 50_000
    s3.upload_fileobj(BytesIO(content), "alices", "large")
    assert s3.get_object(Bucket="alices", Key="large")["Body"].read() == content


@pytest.mark.parametrize("version", ["s3", "s3v4", None])
def test_presigned_addresses_work_both_ways(
    web_url: str, object_store: ObjectStore, actor: Actor, version: str | None
) -> None:
    s3 = client(web_url, actor, signature_version=version)
    client(web_url, actor).create_bucket(Bucket="alices")
    where = {"Bucket": "alices", "Key": "presigned key"}
    put = s3.generate_presigned_url("put_object", Params=where, ExpiresIn=60)
    assert httpx.put(put, content=b"by address").status_code == 200
    get = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    assert httpx.get(get).content == b"by address"
    changed = get.replace("presigned%20key", "another")
    refused = httpx.get(changed)
    assert (refused.status_code, "SignatureDoesNotMatch" in refused.text) == (403, True)


def test_many_keys_are_deleted_at_once(s3: Any) -> None:
    for number in range(3):
        s3.put_object(Bucket="alices", Key=f"k{number}", Body=b"x")
    wanted = {"Objects": [{"Key": f"k{number}"} for number in range(3)]}
    assert len(s3.delete_objects(Bucket="alices", Delete=wanted)["Deleted"]) == 3
    assert s3.list_objects_v2(Bucket="alices")["KeyCount"] == 0


def test_a_bucket_belongs_to_the_team_that_made_it(s3: Any, actor: Actor) -> None:
    row = Bucket.objects.get(name="alices")
    assert row.team == actor.team
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["alices"]
    s3.create_bucket(Bucket="alices")
    assert code_of(s3.delete_object, Bucket="none", Key="x") == ("NoSuchBucket", 404)
    s3.put_object(Bucket="alices", Key="x", Body=b"")
    assert code_of(s3.delete_bucket, Bucket="alices") == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket="alices", Key="x")
    s3.delete_bucket(Bucket="alices")
    assert not Bucket.objects.exists()


def test_a_stranger_finds_nothing(s3: Any, strange: Any) -> None:
    s3.put_object(Bucket="alices", Key="secret", Body=b"x")
    where = {"Bucket": "alices", "Key": "secret"}
    assert strange.list_buckets()["Buckets"] == []
    assert code_of(strange.get_object, **where) == ("NoSuchBucket", 404)
    assert code_of(strange.put_object, **where, Body=b"y") == ("NoSuchBucket", 404)
    assert code_of(strange.list_objects_v2, Bucket="alices") == ("NoSuchBucket", 404)
    assert code_of(strange.delete_bucket, Bucket="alices") == ("NoSuchBucket", 404)
    assert code_of(strange.create_bucket, Bucket="alices") == ("BucketAlreadyExists", 409)
    strange.create_bucket(Bucket="charlies")
    copied = {"Bucket": "charlies", "Key": "stolen", "CopySource": where}
    assert code_of(strange.copy_object, **copied) == ("NoSuchBucket", 404)
    assert s3.get_object(**where)["Body"].read() == b"x"


def test_a_bucket_with_a_bad_name_is_refused(s3: Any, web_url: str) -> None:
    assert code_of(s3.create_bucket, Bucket="UPPER_CASE")[0] == "InvalidBucketName"
    assert not Bucket.objects.filter(name="UPPER_CASE").exists()


def test_a_viewers_key_and_a_revoked_one_sign_nothing(
    web_url: str, s3: Any, actor: Actor, bob: Actor
) -> None:
    assert bob.user is not None
    key, secret = keys.create(actor, bob.user)
    dormant = client_of(web_url, key.key_id, secret)
    assert code_of(dormant.list_buckets) == ("InvalidAccessKeyId", 403)
    assert actor.user is not None
    key, secret = keys.create(actor, actor.user)
    revoked = client_of(web_url, key.key_id, secret)
    assert revoked.list_buckets()["Buckets"]
    keys.revoke(actor, key.key_id)
    bucket_access._signers.clear()
    assert code_of(revoked.list_buckets) == ("InvalidAccessKeyId", 403)


def test_a_wrong_secret_is_refused(web_url: str, s3: Any, actor: Actor) -> None:
    assert actor.user is not None
    key, _ = keys.create(actor, actor.user)
    assert code_of(client_of(web_url, key.key_id, "wrong").list_buckets) == (
        "SignatureDoesNotMatch",
        403,
    )


@pytest.mark.parametrize(
    "key", ["../other/x", "a/../../other/x", "a/./b", "%2e%2e/x", "a/%2E%2E%2Fother"]
)
def test_a_key_that_climbs_out_of_its_bucket_is_refused(
    web_url: str, s3: Any, actor: Actor, key: str
) -> None:
    path = key if "%" in key else urllib.parse.quote(key)
    # 403 where the signer and we write such a path differently.
    assert signed_put(web_url, s3, f"/alices/{path}", b"x").status_code in (400, 403)
    assert s3.list_objects_v2(Bucket="alices")["KeyCount"] == 0


def test_no_listed_key_climbs_out_either(s3: Any) -> None:
    wanted = {"Objects": [{"Key": "fine"}, {"Key": "../other/x"}]}
    assert code_of(s3.delete_objects, Bucket="alices", Delete=wanted) == ("InvalidURI", 400)
    assert code_of(s3.list_objects_v2, Bucket="alices", Prefix="../other/")[0] == "InvalidURI"


@pytest.mark.parametrize(
    "key",
    [
        "&#46;&#46;/other/x",
        "<![CDATA[../other/x]]>",
        "..<!-- a comment -->/other/x",
        "..<Other>x</Other>/other/x",
    ],
)
def test_no_listed_key_climbs_out_however_it_is_written(web_url: str, s3: Any, key: str) -> None:
    body = f"<Delete><Object><Key a='b'>{key}</Key></Object></Delete>".encode()
    for path in ("/alices?delete=", "/alices?%64elete="):
        refused = signed_put(web_url, s3, path, body, method="POST", signed_as="/alices?delete=")
        assert (refused.status_code, "InvalidURI" in refused.text) == (400, True)


@pytest.mark.parametrize("body", [b"", b"<Delete>", b"<!DOCTYPE a><Delete/>", b"\xff\xfe<"])
def test_a_list_of_keys_that_cannot_be_read_goes_no_further(
    web_url: str, s3: Any, body: bytes
) -> None:
    refused = signed_put(web_url, s3, "/alices?delete=", body or b" ", method="POST")
    assert (refused.status_code, "MalformedXML" in refused.text) == (400, True)


def signed_put(
    url: str,
    s3: Any,
    path: str,
    body: bytes,
    *,
    sent: bytes | None = None,
    method: str = "PUT",
    signed_as: str = "",
    **headers: str,
) -> httpx.Response:
    """A PUT with the hash of `body` signed, that carries `sent`. `signed_as`: the path and query
    in the spelling that signatures are made over."""
    credentials = s3._request_signer._credentials
    request = AWSRequest(method, url + (signed_as or path), data=body)
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(body).hexdigest()
    for name, value in headers.items():
        request.headers[name.replace("_", "-")] = value
    if "x_amz_trailer" in headers:
        # What botocore then signs is the marker of a body with a trailer.
        request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
    S3SigV4Auth(
        Credentials(credentials.access_key, credentials.secret_key), "s3", "us-east-1"
    ).add_auth(request)
    host, port = url.removeprefix("http://").split(":")
    with httpx.Client(trust_env=False) as http:
        return http.send(
            httpx.Request(
                method,
                url,
                headers={**dict(request.headers.items()), "Host": f"{host}:{port}"},
                content=body if sent is None else sent,
                extensions={"target": path.encode()},
            )
        )


def test_a_body_that_is_not_the_one_signed_is_not_stored(web_url: str, s3: Any) -> None:
    refused = signed_put(web_url, s3, "/alices/forged", b"signed", sent=b"forged")
    assert (refused.status_code, "XAmzContentSHA256Mismatch" in refused.text) == (400, True)
    assert code_of(s3.head_object, Bucket="alices", Key="forged")[1] == 404
    assert signed_put(web_url, s3, "/alices/fine", b"signed").status_code == 200


@pytest.mark.parametrize(
    ("trailer", "answer"),
    [
        (b"x-amz-checksum-crc32:DUoRhQ==\r\n", (200, "")),
        (b"x-amz-checksum-crc32:AAAAAA==\r\n", (400, "BadDigest")),
        (b"", (400, "MalformedTrailerError")),
    ],
)
def test_a_body_is_stored_only_with_the_checksum_that_came_behind_it(
    web_url: str, s3: Any, trailer: bytes, answer: tuple[int, str]
) -> None:
    sent = b"6\r\nhello \r\n5\r\nworld\r\n0\r\n" + trailer + b"\r\n"
    named = {"x_amz_trailer": "x-amz-checksum-crc32", "x_amz_decoded_content_length": "11"}
    put = signed_put(web_url, s3, "/alices/chunked", b"", sent=sent, **named)
    assert (put.status_code, answer[1] in put.text) == (answer[0], True), put.text
    stored = [each["Key"] for each in s3.list_objects_v2(Bucket="alices").get("Contents", [])]
    assert ("chunked" in stored) == (answer[0] == 200)


def test_access_is_not_given_away_by_policies(web_url: str, s3: Any) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    assert code_of(s3.put_bucket_policy, Bucket="alices", Policy=policy) == ("NotImplemented", 501)
    spelt = signed_put(
        web_url, s3, "/alices?%70olicy=", policy.encode(), signed_as="/alices?policy="
    )
    assert (spelt.status_code, "NotImplemented" in spelt.text) == (501, True)
    s3.put_object(Bucket="alices", Key="open", Body=b"x", ACL="public-read")
    assert s3.get_object(Bucket="alices", Key="open")["Body"].read() == b"x"


def test_the_bucket_may_be_named_by_the_host(web_url: str, s3: Any) -> None:
    s3.put_object(Bucket="alices", Key="k", Body=b"by host")
    credentials = s3._request_signer._credentials
    port = web_url.rpartition(":")[2]
    request = AWSRequest("GET", f"http://alices.localhost:{port}/k")
    S3SigV4Auth(
        Credentials(credentials.access_key, credentials.secret_key), "s3", "us-east-1"
    ).add_auth(request)
    headers = {**dict(request.headers.items()), "Host": f"alices.localhost:{port}"}
    assert httpx.get(f"{web_url}/k", headers=headers).content == b"by host"


def test_an_object_store_that_is_away_is_said_so(web_url: str, s3: Any, settings: Any) -> None:
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    assert code_of(s3.get_object, Bucket="alices", Key="k") == ("ServiceUnavailable", 503)


def test_an_unsigned_client_gets_no_page_of_someone(web_url: str, s3: Any) -> None:
    nobody = client_of(web_url, "x", "y", signature_version=UNSIGNED)
    assert code_of(nobody.get_object, Bucket="alices", Key="k")[1] in (403, 404)


def test_an_operator_may_and_another_operator_of_the_team_too(
    web_url: str, s3: Any, actor: Actor
) -> None:
    dora = factories.make_actor(actor.team, username="dora", role=Role.OPERATOR)
    s3.put_object(Bucket="alices", Key="shared", Body=b"x")
    assert client(web_url, dora).get_object(Bucket="alices", Key="shared")["Body"].read() == b"x"
