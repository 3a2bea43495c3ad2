import pytest

from consoleapp.storage import clients
from tests.object_store import ObjectStore


def test_ambient_aws_settings_never_steer_the_console(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ambient = {
        "AWS_PROFILE": "missing",
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "else",
        "AWS_SESSION_TOKEN": "a token",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "mars-north-1",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_CONFIG_FILE": "/nowhere",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    for name, value in ambient.items():
        monkeypatch.setenv(name, value)
    client = clients.make(
        "s3",
        endpoint_url=object_store.url,
        key_id="tests",
        secret="a secret of the tests",
        region="us-east-1",
    )
    assert client.meta.endpoint_url == object_store.url
    assert client.meta.region_name == "us-east-1"
    assert client.list_buckets()["Buckets"] == []


def test_one_client_serves_a_process_until_the_store_moves(object_store: ObjectStore) -> None:
    assert clients.s3() is clients.s3()
