"""S3 at the public address, as two teams see it."""

from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.storage import bucket_access
from tests.consoleapp.storage.callers import client
from tests.object_store import ObjectStore


@pytest.fixture(autouse=True)
def _no_key_is_remembered() -> None:
    bucket_access._signers.clear()


@pytest.fixture
def s3(web_url: str, object_store: ObjectStore, actor: Actor) -> Any:
    """Alice's."""
    made = client(web_url, actor)
    made.create_bucket(Bucket="alices")
    return made


@pytest.fixture
def strange(web_url: str, s3: Any, charlie: Actor) -> Any:
    """Charlie's, of another team."""
    return client(web_url, charlie)
