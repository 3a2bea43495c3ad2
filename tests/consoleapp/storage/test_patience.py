"""Waiting for an object store that hangs."""

import pytest
from botocore.exceptions import ReadTimeoutError

from consoleapp.storage import clients, patience
from tests.consoleapp.storage.silent import silent_store
from tests.object_store import ObjectStore


def test_a_call_is_given_up_and_the_next_is_not_even_made() -> None:
    with silent_store() as store, patience.short():
        for _ in range(3):
            with pytest.raises(ReadTimeoutError):
                patience.client().list_buckets()
        assert store.asked == 1


def test_the_next_page_asks_again() -> None:
    with silent_store() as store:
        for _ in range(2):
            with patience.short(), pytest.raises(ReadTimeoutError):
                patience.client().list_buckets()
        assert store.asked == 2


def test_an_answer_that_is_a_refusal_is_no_silence(object_store: ObjectStore) -> None:
    with patience.short():
        with pytest.raises(patience.client().exceptions.NoSuchBucket):
            patience.client().list_objects_v2(Bucket="no-such-bucket")
        assert patience.client().list_buckets()["Buckets"] == []


def test_a_task_has_the_patient_client() -> None:
    assert patience.client() is clients.s3()
    assert patience.client().meta.config.read_timeout == 60
    with patience.short():
        assert patience.client().meta.config.read_timeout == patience.ANSWER_S
        assert patience.uploader().meta.config.read_timeout == patience.UPLOAD_ANSWER_S
