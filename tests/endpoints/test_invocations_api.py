"""REST's way to a model: the body as it is, the answer as it is, errors in the API's shape."""

import pytest
from django.test import Client

from consoleapp.accounts import tokens
from consoleapp.accounts.actor import Actor
from endpoints import invoking
from endpoints.hosts.fake import FakeRunner
from tests.endpoints.answering import Answering, answering
from tests.endpoints.build import make_endpoint
from tests.endpoints.gateway.rig import reply

__all__ = ["answering"]
pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/endpoints/e/invocations"


@pytest.fixture
def rest(actor: Actor, fake: FakeRunner) -> Client:
    make_endpoint(actor)
    assert actor.user is not None
    _, token = tokens.create(actor, actor.user)
    return Client(headers={"Authorization": f"Token {token}"})


def test_body_and_answer_pass_as_they_are(rest: Client, answering: Answering) -> None:
    (model,) = answering.serve(v1=reply(b"\x93NUMPY", Content_Type="application/x-npy"))
    answer = rest.post(URL, b"\x00\xff", "application/octet-stream")
    assert answer.status_code == 200
    assert answer.content == b"\x93NUMPY"
    assert answer["Content-Type"] == "application/x-npy"
    assert answer["X-Amzn-Invoked-Production-Variant"] == "v1"
    assert model.seen[0].body == b"\x00\xff"
    assert model.seen[0].headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_bodies_that_could_be_parsed_are_not(rest: Client, answering: Answering, kind: str) -> None:
    (model,) = answering.serve(v1=reply())
    assert rest.post(URL, b"a=1&b=[", kind).status_code == 200
    assert model.seen[0].body == b"a=1&b=["


def test_the_target_variant_is_a_header(rest: Client, answering: Answering) -> None:
    answering.serve(v1=reply(b"one"), v2=reply(b"two"))
    for _ in range(5):
        answer = rest.post(URL, b"1", "text/csv", headers={"X-Amzn-SageMaker-Target-Variant": "v2"})
        assert answer.content == b"two"


def test_a_models_error_has_the_apis_shape(rest: Client, answering: Answering) -> None:
    answering.serve(v1=reply(b"bad row", 500))
    answer = rest.post(URL, b"1", "text/csv")
    assert answer.status_code == 424
    assert answer.json()["code"] == "ModelError"
    assert "bad row" in answer.json()["message"]


def test_a_body_over_the_limit_is_refused(rest: Client, answering: Answering) -> None:
    answering.serve(v1=reply())
    answer = rest.post(URL, b"x" * (invoking.BODY_LIMIT + 5), "text/csv")
    assert answer.status_code == 413


def test_viewers_strangers_and_the_nameless_are_refused(
    rest: Client, bob_client: Client, charlie_client: Client, client: Client
) -> None:
    assert bob_client.post(URL, b"1", "text/csv").status_code == 403
    assert charlie_client.post(URL, b"1", "text/csv").status_code == 404
    assert client.post(URL, b"1", "text/csv").status_code in {401, 403}
