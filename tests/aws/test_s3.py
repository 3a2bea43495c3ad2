"""S3 through the public address: boto3 with nothing but credentials.env, and whose bucket it is."""

import io
import os
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.live import Console

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def s3(aws: ClientOf) -> Any:
    return aws("s3", config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"b-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        keys = [{"Key": each["Key"]} for each in page.get("Contents", ())]
        if keys:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys})
    s3.delete_bucket(Bucket=name)


def code(call: Any, **params: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_is_put_described_read_in_ranges_and_deleted(s3: Any, bucket: str) -> None:
    put = s3.put_object(
        Bucket=bucket,
        Key="folder/a file+1.csv",
        Body=b"0123456789",
        ContentType="text/csv",
        Metadata={"stage": "test"},
    )
    head = s3.head_object(Bucket=bucket, Key="folder/a file+1.csv")
    assert (head["ContentLength"], head["ContentType"]) == (10, "text/csv")
    assert head["Metadata"] == {"stage": "test"}
    assert head["ETag"] == put["ETag"]
    whole = s3.get_object(Bucket=bucket, Key="folder/a file+1.csv")
    assert whole["Body"].read() == b"0123456789"
    part = s3.get_object(Bucket=bucket, Key="folder/a file+1.csv", Range="bytes=2-4")
    assert (part["Body"].read(), part["ContentRange"]) == (b"234", "bytes 2-4/10")
    last = s3.get_object(Bucket=bucket, Key="folder/a file+1.csv", Range="bytes=-3")
    assert last["Body"].read() == b"789"
    s3.delete_object(Bucket=bucket, Key="folder/a file+1.csv")
    assert code(s3.get_object, Bucket=bucket, Key="folder/a file+1.csv") == ("NoSuchKey", 404)
    assert code(s3.head_object, Bucket=bucket, Key="folder/a file+1.csv") == ("404", 404)


def test_objects_are_listed_by_prefix_and_folder_in_pages(s3: Any, bucket: str) -> None:
    keys = sorted([f"a/{n}" for n in range(5)] + ["b/0", "top"])
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 3}
    )
    assert [each["Key"] for page in pages for each in page["Contents"]] == keys
    folders = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [each["Prefix"] for each in folders["CommonPrefixes"]] == ["a/", "b/"]
    assert [each["Key"] for each in folders["Contents"]] == ["top"]
    assert s3.list_objects_v2(Bucket=bucket, Prefix="a/")["KeyCount"] == 5


def test_an_object_is_copied(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"copied")
    s3.copy_object(Bucket=bucket, Key="two", CopySource={"Bucket": bucket, "Key": "one"})
    assert s3.get_object(Bucket=bucket, Key="two")["Body"].read() == b"copied"


def test_a_large_file_goes_up_and_down_in_parts(s3: Any, bucket: str) -> None:
    content = os.urandom(12 * MIB)
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_fileobj(io.BytesIO(content), bucket, "large", Config=parts)
    back = io.BytesIO()
    s3.download_fileobj(bucket, "large", back, Config=parts)
    assert back.getvalue() == content


def test_an_upload_may_be_given_up(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="never")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="never", UploadId=upload, PartNumber=1, Body=b"x" * MIB)
    s3.abort_multipart_upload(Bucket=bucket, Key="never", UploadId=upload)
    assert code(s3.head_object, Bucket=bucket, Key="never") == ("404", 404)


def test_a_presigned_address_works_without_a_key_and_not_for_another(s3: Any, bucket: str) -> None:
    params = {"Bucket": bucket, "Key": "shared"}
    up = s3.generate_presigned_url("put_object", Params=params, ExpiresIn=60)
    assert httpx.put(up, content=b"by address", trust_env=False).status_code == 200
    down = s3.generate_presigned_url("get_object", Params=params, ExpiresIn=60)
    assert httpx.get(down, trust_env=False).content == b"by address"
    other = down.replace("/shared?", "/other?")
    refused = httpx.get(other, trust_env=False)
    assert refused.status_code == 403
    assert "SignatureDoesNotMatch" in refused.text


def test_buckets_are_listed_and_an_unknown_one_is_missing(s3: Any, bucket: str) -> None:
    assert bucket in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    s3.head_bucket(Bucket=bucket)
    assert code(s3.head_bucket, Bucket="nobody-has-this-one") == ("404", 404)
    assert code(s3.get_object, Bucket="nobody-has-this-one", Key="k") == ("NoSuchBucket", 404)


def test_a_bucket_with_something_in_it_is_not_deleted(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert code(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)


def test_a_key_that_climbs_is_refused(console: Console, s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="../other-bucket/key", Body=b"")
    assert caught.value.response["Error"]["Code"] == "InvalidURI"


def test_a_stranger_finds_no_bucket_and_may_take_no_name(
    strangers: ClientOf, s3: Any, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="secret", Body=b"ours")
    theirs = strangers("s3", config=Config(s3={"addressing_style": "path"}))
    assert code(theirs.get_object, Bucket=bucket, Key="secret") == ("NoSuchBucket", 404)
    assert code(theirs.put_object, Bucket=bucket, Key="x", Body=b"") == ("NoSuchBucket", 404)
    assert code(theirs.list_objects_v2, Bucket=bucket) == ("NoSuchBucket", 404)
    assert code(theirs.delete_bucket, Bucket=bucket) == ("NoSuchBucket", 404)
    assert code(theirs.create_bucket, Bucket=bucket) == ("BucketAlreadyExists", 409)
    assert bucket not in {each["Name"] for each in theirs.list_buckets()["Buckets"]}
    mine = f"theirs-{uuid.uuid4().hex[:8]}"
    theirs.create_bucket(Bucket=mine)
    stolen = {"Bucket": bucket, "Key": "secret"}
    refused = code(theirs.copy_object, Bucket=mine, Key="copy", CopySource=stolen)
    assert refused == ("NoSuchBucket", 404)
    theirs.delete_bucket(Bucket=mine)


def test_an_unsigned_or_wrongly_signed_call_is_refused(
    console: Console, aws: ClientOf, bucket: str
) -> None:
    path = Config(s3={"addressing_style": "path"})
    wrong = aws(
        "s3",
        aws_access_key_id=console.credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key="wrong" * 8,
        config=path,
    )
    assert code(wrong.list_objects_v2, Bucket=bucket) == ("SignatureDoesNotMatch", 403)
    unknown = aws("s3", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x", config=path)
    assert code(unknown.list_objects_v2, Bucket=bucket) == ("InvalidAccessKeyId", 403)
