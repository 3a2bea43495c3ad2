"""boto3 as a user has it: credentials.env and nothing else."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.aws.listening import Listener
from tests.aws.load_tests import job, package
from tests.live import Console

__all__ = ["job", "package"]

ClientOf = Callable[..., Any]

_STRANGERS = """
import json
from django.conf import settings
from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Membership, Role, Team, User
team, _ = Team.objects.get_or_create(name="strangers", account_id="999999999999")
user, _ = User.objects.get_or_create(username="charlie")
Membership.objects.get_or_create(team=team, user=user, defaults={"role": Role.ADMIN})
actor = Actor(team=team, region=settings.DEFAULT_REGION, role=Role.ADMIN.value, user=user)
for key in keys.active().filter(team=team):
    keys.revoke(actor, key.key_id)
key, secret = keys.create(actor, user, "tests")
print(json.dumps({"AWS_ACCESS_KEY_ID": key.key_id, "AWS_SECRET_ACCESS_KEY": secret}))
"""


def _complete(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Every answer that any test gets holds what its output shape requires, all the way down."""
    if http_response.status_code < 300 and model.output_shape is not None:
        missing = list(_missing(parsed, model.output_shape, model.name))
        assert not missing, missing


def _missing(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict):
        yield from (f"{path}.{name}" for name in shape.required_members if name not in value)
        for name, member in shape.members.items():
            if name in value:
                yield from _missing(value[name], member, f"{path}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for each in value:
            yield from _missing(each, shape.member, path)


def clients(told: dict[str, str]) -> ClientOf:
    """A factory of clients of one service; keyword arguments replace the credentials' own."""
    session = boto3.Session(
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_DEFAULT_REGION"],
    )

    session.events.register("after-call.*.*", _complete)

    def client(service: str, **changes: Any) -> Any:
        settings = {"endpoint_url": told["AWS_ENDPOINT_URL"], **changes}
        settings.setdefault("config", Config(retries={"max_attempts": 1}))
        return session.client(service, **settings)

    return client


@pytest.fixture(scope="session")
def aws(console: Console) -> ClientOf:
    return clients(console.credentials)


@pytest.fixture(scope="session")
def strangers(console: Console) -> ClientOf:
    """Charlie: admin of another team of the same console."""
    made = console.manage("shell", "--no-imports", "-c", _STRANGERS)
    return clients({**console.credentials, **json.loads(made.splitlines()[-1])})


@pytest.fixture(scope="session")
def sagemaker(aws: ClientOf) -> Any:
    return aws("sagemaker")


@pytest.fixture(scope="session")
def scaling(aws: ClientOf) -> Any:
    return aws("application-autoscaling")


@pytest.fixture(scope="session")
def sns(aws: ClientOf) -> Any:
    return aws("sns")


@pytest.fixture
def topic(sns: Any) -> Iterator[str]:
    """The ARN of a topic of the test's own."""
    arn = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:10]}")["TopicArn"]
    yield arn
    sns.delete_topic(TopicArn=arn)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()
