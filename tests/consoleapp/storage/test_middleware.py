"""What a person gets while the object store hangs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from consoleapp.accounts.actor import Actor
from consoleapp.storage.models import Bucket
from tests.consoleapp.storage.silent import silent_store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])


@pytest.fixture
def bucket(actor: Actor) -> str:
    return Bucket.objects.create(name="a-bucket", team=actor.team, region=actor.region).name


def test_a_page_says_that_the_store_does_not_answer(alice_client: Client, bucket: str) -> None:
    with silent_store() as store:
        answer = alice_client.get(f"/console/storage/{bucket}/")
        assert store.asked == 1
    assert answer.status_code == 503
    assert "The object store does not answer now." in answer.content.decode()


def test_rest_says_it_in_its_own_shape(alice_client: Client, bucket: str) -> None:
    with silent_store():
        answer = alice_client.get(f"/api/v1/buckets/{bucket}/objects")
    assert answer.status_code == 503
    assert answer.json()["code"] == "ServiceUnavailable"


def test_an_upload_is_not_waited_for_without_end(alice_client: Client, bucket: str) -> None:
    with silent_store():
        sent = {"folder": "", "file": SimpleUploadedFile("a.csv", b"1,2")}
        answer = alice_client.post(f"/console/storage/{bucket}/upload", sent)
    assert answer.status_code == 503


def test_a_bug_is_still_a_bug(
    alice_client: Client, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("consoleapp.storage.views.s3.list_prefix", broken)
    with pytest.raises(ZeroDivisionError):
        alice_client.get(f"/console/storage/{bucket}/")
