"""An endpoint of two variants, a labelled test set in a real store, and a gateway to order."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.storage import s3
from endpoints import evaluations
from endpoints.evaluation.plan import Plan
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, Evaluation
from tests.endpoints.build import serve
from tests.endpoints.evaluation.target import Target, serving
from tests.object_store import ObjectStore

ROWS = 100


def score(variant: str, body: str) -> tuple[int, str, str]:
    """v1 tells every row's class; v2 is wrong about each third row."""
    number = int(body.partition(",")[0])
    right = number % 2 == 1
    if variant == "v2" and number % 3 == 0:
        right = not right
    return 200, "text/csv", str(0.9 if right else 0.1)


@pytest.fixture
def endpoint(actor: Actor, fake: FakeRunner) -> Endpoint:
    return serve(actor, "churn", variants=2)


@pytest.fixture
def test_set(actor: Actor, object_store: ObjectStore) -> str:
    """Rows `label,number,7`: odd numbers are positive."""
    uri = f"s3://{s3.default_bucket(actor)}/test.csv"
    lines = "".join(f"{number % 2},{number},7\n" for number in range(ROWS))
    s3.put_bytes(actor, uri, lines.encode())
    return uri


@pytest.fixture
def target(settings: Any) -> Iterator[Target]:
    with serving(Target(score)) as found:
        settings.GATEWAY_URL = found.url
        yield found


@pytest.fixture
def start(actor: Actor, endpoint: Endpoint, test_set: str) -> Callable[..., Evaluation]:
    def create(**asked: Any) -> Evaluation:
        variants = asked.pop("variants", ())
        plan = Plan(**{"test_set_uri": test_set, **asked})
        return evaluations.create(actor, endpoint_name=endpoint.name, plan=plan, variants=variants)

    return create
