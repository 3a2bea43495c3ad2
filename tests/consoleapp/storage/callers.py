"""boto3 clients of S3 with keys of their own, and what they are answered."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor


def client(url: str, actor: Actor, **config: Any) -> Any:
    assert actor.user is not None
    key, secret = keys.create(actor, actor.user)
    return client_of(url, key.key_id, secret, **config)


def client_of(url: str, key_id: str, secret: str, **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def code_of(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]
