import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.quotas import set_limit
from consoleapp.storage import buckets, s3
from consoleapp.storage.models import Bucket
from tests.object_store import ObjectStore

BUCKET = "/console/storage/team-files"


@pytest.fixture
def bucket(object_store: ObjectStore, actor: Actor) -> str:
    return buckets.create_bucket(actor, "team-files").name


def text_of(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_buckets_of_the_team_are_listed_and_no_others(
    bucket: str, alice_client: Client, charlie: Actor
) -> None:
    buckets.create_bucket(charlie, "others")
    shown = text_of(alice_client.get("/console/storage"))
    assert "team-files" in shown
    assert "others" not in shown


def test_looking_makes_no_bucket(object_store: ObjectStore, alice_client: Client) -> None:
    assert "No buckets" in text_of(alice_client.get("/console/storage"))
    assert not Bucket.objects.exists()


def test_a_bucket_is_created_or_its_fault_shown(bucket: str, alice_client: Client) -> None:
    made = alice_client.post("/console/storage/create", {"name": "second"})
    assert made["Location"] == "/console/storage/second/"
    for name in ("team-files", "No_Name", ""):
        assert alice_client.post("/console/storage/create", {"name": name}).status_code == 422
    assert Bucket.objects.count() == 2


def test_folders_open_one_by_one_and_lead_back(
    bucket: str, alice_client: Client, actor: Actor
) -> None:
    s3.put_bytes(actor, "s3://team-files/models/v 1/größe&x.tar.gz", b"1234")
    top = text_of(alice_client.get(f"{BUCKET}/"))
    assert f'href="{BUCKET}/?prefix=models%2F"' in top
    inside = text_of(alice_client.get(f"{BUCKET}/", {"prefix": "models/v 1/"}))
    assert "größe&amp;x.tar.gz" in inside
    assert "4 bytes" in inside
    assert "?key=models%2Fv%201%2Fgr%C3%B6%C3%9Fe%26x.tar.gz" in inside
    assert f'href="{BUCKET}/?prefix=models%2F"' in inside


def test_a_file_is_uploaded_into_its_folder(
    bucket: str, alice_client: Client, actor: Actor
) -> None:
    file = SimpleUploadedFile("data.csv", b"1,2,3", "text/csv")
    answer = alice_client.post(f"{BUCKET}/upload", {"file": file, "folder": "/in/here/"})
    assert answer["Location"] == f"{BUCKET}/?prefix=in%2Fhere%2F"
    info = s3.head(actor, "s3://team-files/in/here/data.csv")
    assert (info.size, info.content_type) == (5, "text/csv")


@pytest.mark.parametrize("folder", ["../others", "a//b", "a/./b"])
def test_no_upload_leaves_its_bucket(
    bucket: str, alice_client: Client, actor: Actor, folder: str
) -> None:
    file = SimpleUploadedFile("x", b"1")
    answer = alice_client.post(f"{BUCKET}/upload", {"file": file, "folder": folder})
    assert answer.status_code == 422
    assert "no object key" in text_of(answer)


def test_a_path_in_the_name_of_a_file_is_dropped(
    bucket: str, alice_client: Client, actor: Actor
) -> None:
    file = SimpleUploadedFile("x", b"1")
    file._name = "../../others/x"
    alice_client.post(f"{BUCKET}/upload", {"file": file})
    assert s3.head(actor, "s3://team-files/x").size == 1


def test_a_file_over_the_quota_is_refused(bucket: str, alice_client: Client, actor: Actor) -> None:
    set_limit(actor, code="storage.upload_mib.max", value=0)
    file = SimpleUploadedFile("x", b"1")
    answer = alice_client.post(f"{BUCKET}/upload", {"file": file})
    assert answer.status_code == 422
    assert "larger than 0 MiB" in text_of(answer)


@pytest.mark.django_db(transaction=True)
async def test_a_download_streams_the_object(
    object_store: ObjectStore, actor: Actor, bob: Actor
) -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(buckets.create_bucket)(actor, "team-files")
    content = bytes(range(256)) * 10_000
    await sync_to_async(s3.put_bytes)(actor, "s3://team-files/a b.bin", content)
    client = AsyncClient()
    await client.aforce_login(bob.user)
    answer = await client.get(f"{BUCKET}/download", {"key": "a b.bin"})
    assert answer["Content-Disposition"] == 'attachment; filename="a b.bin"'
    assert b"".join([piece async for piece in answer]) == content


def test_an_object_is_deleted_only_after_it_was_asked(
    bucket: str, alice_client: Client, actor: Actor
) -> None:
    s3.put_bytes(actor, "s3://team-files/d/x", b"1")
    asked = alice_client.get(f"{BUCKET}/delete", {"key": "d/x"})
    assert "Delete x?" in text_of(asked)
    assert s3.head(actor, "s3://team-files/d/x")
    done = alice_client.post(f"{BUCKET}/delete", {"key": "d/x"})
    assert done["Location"] == f"{BUCKET}/?prefix=d%2F"
    assert alice_client.get(f"{BUCKET}/delete", {"key": "d/x"}).status_code == 404


def test_a_bucket_is_deleted_when_empty_and_confirmed(
    bucket: str, alice_client: Client, actor: Actor
) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"1")
    for confirm in ("", "team", "team-files"):
        answer = alice_client.post(f"{BUCKET}/delete-bucket", {"confirm": confirm}, follow=True)
        assert "flash--error" in text_of(answer)
    s3.delete(actor, "s3://team-files/x")
    alice_client.post(f"{BUCKET}/delete-bucket", {"confirm": "team-files"})
    assert not Bucket.objects.exists()


@pytest.mark.parametrize("key", ["", "missing", "../others/x"])
def test_what_is_not_there_is_a_404_page(bucket: str, alice_client: Client, key: str) -> None:
    for path in ("download", "delete"):
        assert alice_client.get(f"{BUCKET}/{path}", {"key": key}).status_code == 404


def test_a_viewer_reads_and_changes_nothing(bucket: str, bob_client: Client, actor: Actor) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"1")
    shown = text_of(bob_client.get(f"{BUCKET}/"))
    assert "Delete" not in shown
    assert "Upload" not in shown
    posts = {
        "upload": {"file": SimpleUploadedFile("y", b"1")},
        "delete": {"key": "x"},
        "delete-bucket": {"confirm": "team-files"},
    }
    for path, data in posts.items():
        assert bob_client.post(f"{BUCKET}/{path}", data).status_code == 403
    assert bob_client.post("/console/storage/create", {"name": "bobs"}).status_code == 403
    assert [o.key for o in s3.list_prefix(actor, "s3://team-files").objects] == ["x"]


def test_a_stranger_gets_404_everywhere(bucket: str, charlie_client: Client, actor: Actor) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"1")
    for path in ("", "download?key=x", "delete?key=x"):
        assert charlie_client.get(f"{BUCKET}/{path}").status_code == 404
    posts = {
        "upload": {"file": SimpleUploadedFile("x", b"2")},
        "delete": {"key": "x"},
        "delete-bucket": {"confirm": "team-files"},
    }
    for path, data in posts.items():
        assert charlie_client.post(f"{BUCKET}/{path}", data).status_code == 404
    assert s3.get_bytes(actor, "s3://team-files/x", 9) == b"1"


def test_the_signed_out_are_led_to_sign_in(bucket: str, client: Client) -> None:
    for path in ("/console/storage", f"{BUCKET}/", f"{BUCKET}/download?key=x"):
        assert client.get(path)["Location"].startswith("/console/sign-in")
