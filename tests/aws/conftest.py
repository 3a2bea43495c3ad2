"""boto3 as a user has it: credentials.env and nothing else."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.live import Console

ClientOf = Callable[..., Any]


@pytest.fixture(scope="session")
def aws(console: Console) -> ClientOf:
    """A factory of clients of one service; keyword arguments replace the credentials' own."""
    told = console.credentials
    session = boto3.Session(
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_DEFAULT_REGION"],
    )

    def client(service: str, **changes: Any) -> Any:
        settings = {"endpoint_url": told["AWS_ENDPOINT_URL"], **changes}
        settings.setdefault("config", Config(retries={"max_attempts": 1}))
        return session.client(service, **settings)

    return client


@pytest.fixture(scope="session")
def sagemaker(aws: ClientOf) -> Any:
    return aws("sagemaker")
