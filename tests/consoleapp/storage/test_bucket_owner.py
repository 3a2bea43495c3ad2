"""Whose bucket a caller expects it to be: real boto3, a real object store."""

from typing import Any

import httpx
import pytest

from consoleapp.accounts.actor import Actor
from tests.consoleapp.storage.callers import client, code_of
from tests.object_store import ObjectStore

pytestmark = pytest.mark.django_db(transaction=True)

SOMEONE = "999999999999"
DENIED = ("AccessDenied", 403)


def test_a_bucket_of_the_expected_account_is_used_as_ever(s3: Any, actor: Actor) -> None:
    mine = {"Bucket": "alices", "ExpectedBucketOwner": actor.account_id}
    s3.put_object(**mine, Key="k", Body=b"x")
    assert s3.get_object(**mine, Key="k")["Body"].read() == b"x"
    copied = {"CopySource": "alices/k", "ExpectedSourceBucketOwner": actor.account_id}
    s3.copy_object(**mine, **copied, Key="copy")
    assert s3.list_objects_v2(**mine)["KeyCount"] == 2


def test_nothing_is_done_where_another_account_is_expected(s3: Any) -> None:
    s3.put_object(Bucket="alices", Key="k", Body=b"x")
    theirs = {"Bucket": "alices", "ExpectedBucketOwner": SOMEONE}
    assert code_of(s3.put_object, **theirs, Key="k", Body=b"y") == DENIED
    assert code_of(s3.get_object, **theirs, Key="k") == DENIED
    assert code_of(s3.delete_object, **theirs, Key="k") == DENIED
    assert code_of(s3.list_objects_v2, **theirs) == DENIED
    assert code_of(s3.create_multipart_upload, **theirs, Key="k") == DENIED
    assert code_of(s3.head_bucket, **theirs) == ("403", 403)
    assert s3.get_object(Bucket="alices", Key="k")["Body"].read() == b"x"
    s3.delete_object(Bucket="alices", Key="k")
    assert code_of(s3.delete_bucket, **theirs) == DENIED
    s3.head_bucket(Bucket="alices")


def test_nothing_is_copied_from_a_bucket_of_an_unexpected_account(s3: Any) -> None:
    s3.put_object(Bucket="alices", Key="k", Body=b"x")
    copied = {"CopySource": "alices/k", "ExpectedSourceBucketOwner": SOMEONE}
    assert code_of(s3.copy_object, Bucket="alices", Key="copy", **copied) == DENIED
    upload = s3.create_multipart_upload(Bucket="alices", Key="parts")["UploadId"]
    part = {"Bucket": "alices", "Key": "parts", "UploadId": upload, "PartNumber": 1}
    assert code_of(s3.upload_part_copy, **part, **copied) == DENIED


@pytest.mark.parametrize("account", ["abc", "1234567890123", ""])
def test_what_is_no_account_id_is_said_to_be_none(s3: Any, account: str) -> None:
    wrong = {"Bucket": "alices", "ExpectedBucketOwner": account}
    assert code_of(s3.list_objects_v2, **wrong) == ("InvalidBucketOwnerAWSAccountID", 400)


def test_a_missing_bucket_and_a_strangers_stay_missing(strange: Any, actor: Actor) -> None:
    mine = {"Bucket": "alices", "ExpectedBucketOwner": actor.account_id}
    assert code_of(strange.list_objects_v2, **mine) == ("NoSuchBucket", 404)
    assert code_of(strange.delete_bucket, **mine) == ("NoSuchBucket", 404)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_an_address_keeps_the_account_it_was_signed_for(
    web_url: str, object_store: ObjectStore, s3: Any, actor: Actor, version: str
) -> None:
    signer = client(web_url, actor, signature_version=version)
    s3.put_object(Bucket="alices", Key="k", Body=b"x")
    for account, status in ((actor.account_id, 200), (SOMEONE, 403)):
        params = {"Bucket": "alices", "Key": "k", "ExpectedBucketOwner": account}
        address = signer.generate_presigned_url("get_object", Params=params)
        # Version 2 puts the header into the address; Version 4 leaves it to the one who asks.
        headers = {"x-amz-expected-bucket-owner": account} if version == "s3v4" else {}
        assert httpx.get(address, headers=headers).status_code == status
