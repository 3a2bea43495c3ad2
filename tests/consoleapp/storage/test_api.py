import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client

from consoleapp.accounts import tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.quotas import set_limit
from consoleapp.storage import buckets, s3
from tests.object_store import ObjectStore

JSON = "application/json"
BUCKET = "/api/v1/buckets/team-files"


@pytest.fixture
def bucket(object_store: ObjectStore, actor: Actor) -> str:
    return buckets.create_bucket(actor, "team-files").name


def test_buckets_are_made_listed_and_deleted(
    object_store: ObjectStore, alice_client: Client
) -> None:
    made = alice_client.post("/api/v1/buckets", {"name": "team-files"}, content_type=JSON)
    assert (made.status_code, made.json()["name"]) == (201, "team-files")
    again = alice_client.post("/api/v1/buckets", {"name": "team-files"}, content_type=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "ResourceInUse")
    assert [b["name"] for b in alice_client.get("/api/v1/buckets").json()] == ["team-files"]
    assert alice_client.delete(BUCKET).status_code == 204
    assert alice_client.get("/api/v1/buckets").json() == []


def test_a_file_is_uploaded_under_its_key_or_its_name(bucket: str, alice_client: Client) -> None:
    named = {"file": SimpleUploadedFile("a.csv", b"1,2")}
    assert alice_client.post(f"{BUCKET}/objects", named).json()["uri"] == "s3://team-files/a.csv"
    keyed = {"file": SimpleUploadedFile("a.csv", b"1,2"), "key": "in/b.csv"}
    made = alice_client.post(f"{BUCKET}/objects", keyed)
    assert (made.status_code, made.json()["size"]) == (201, 3)
    listed = alice_client.get(f"{BUCKET}/objects").json()
    assert (listed["folders"], [o["key"] for o in listed["objects"]]) == (["in/"], ["a.csv"])
    inside = alice_client.get(f"{BUCKET}/objects", {"prefix": "in/"}).json()
    assert [o["key"] for o in inside["objects"]] == ["in/b.csv"]


@pytest.mark.parametrize("key", ["../others/x", "a//b", "/a"])
def test_a_key_that_cannot_be_is_refused(bucket: str, alice_client: Client, key: str) -> None:
    data = {"file": SimpleUploadedFile("x", b"1"), "key": key}
    answer = alice_client.post(f"{BUCKET}/objects", data)
    assert (answer.status_code, answer.json()["code"]) == (400, "ValidationException")


def test_an_upload_needs_a_file_within_the_quota(
    bucket: str, alice_client: Client, actor: Actor
) -> None:
    assert alice_client.post(f"{BUCKET}/objects", {"key": "x"}).json()["field"] == "file"
    set_limit(actor, code="storage.upload_mib.max", value=0)
    answer = alice_client.post(f"{BUCKET}/objects", {"file": SimpleUploadedFile("x", b"1")})
    assert (answer.status_code, answer.json()["field"]) == (400, "file")


def test_an_object_is_deleted_once(bucket: str, alice_client: Client, actor: Actor) -> None:
    s3.put_bytes(actor, "s3://team-files/in/x", b"1")
    assert alice_client.delete(f"{BUCKET}/objects/in/x").status_code == 204
    assert alice_client.delete(f"{BUCKET}/objects/in/x").status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_an_object_is_downloaded_with_a_token(object_store: ObjectStore, bob: Actor) -> None:
    owner = Actor.system(bob.team, bob.region)
    await sync_to_async(buckets.create_bucket)(owner, "team-files")
    await sync_to_async(s3.put_bytes)(owner, "s3://team-files/in/x", b"123")
    _, token = await sync_to_async(tokens.create)(bob, bob.user)
    asked = {"Authorization": f"Token {token}"}
    answer = await AsyncClient().get(f"{BUCKET}/objects/in/x", headers=asked)
    assert b"".join([piece async for piece in answer]) == b"123"


def test_viewers_write_nothing_and_strangers_see_nothing(
    bucket: str, bob_client: Client, charlie_client: Client, actor: Actor
) -> None:
    s3.put_bytes(actor, "s3://team-files/x", b"1")
    for client, status in ((bob_client, 403), (charlie_client, 404)):
        data = {"file": SimpleUploadedFile("x", b"2")}
        assert client.post(f"{BUCKET}/objects", data).status_code == status
        assert client.delete(f"{BUCKET}/objects/x").status_code == status
        assert client.delete(BUCKET).status_code == status
    assert charlie_client.get(f"{BUCKET}/objects").status_code == 404
    assert charlie_client.get(f"{BUCKET}/objects/x").status_code == 404
    assert charlie_client.get("/api/v1/buckets").json() == []
    assert s3.get_bytes(actor, "s3://team-files/x", 9) == b"1"
