"""One invocation for a person: who answered, with what, and what is said when nobody does."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, NotFound, ValidationFailed
from endpoints import invoking
from endpoints.hosts.fake import FakeRunner
from endpoints.invoking import GatewayUnreachable, Invocation
from tests.endpoints.answering import Answering, answering
from tests.endpoints.build import make_endpoint
from tests.endpoints.gateway.rig import reply
from tests.services import free_port

__all__ = ["answering"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _endpoint(actor: Actor, fake: FakeRunner) -> None:
    make_endpoint(actor, variants=2)


def test_the_variant_that_answered_is_named_with_its_answer(
    actor: Actor, answering: Answering
) -> None:
    answering.serve(v1=reply(b"0.9", Content_Type="text/csv"))
    sent = Invocation(body=b"1,2", content_type="text/csv")
    answer = invoking.invoke(actor, name="e", invocation=sent)
    assert (answer.status, answer.body, answer.variant) == (200, b"0.9", "v1")
    assert answer.content_type == "text/csv"
    assert answer.succeeded
    assert answer.request_id
    assert 0 < answer.latency_s < 20


def test_the_model_gets_what_was_sent(actor: Actor, answering: Answering) -> None:
    (model,) = answering.serve(v1=reply())
    sent = Invocation(body=b"\x00\xff", content_type="application/x-npy", accept="text/csv")
    invoking.invoke(actor, name="e", invocation=sent)
    (seen,) = model.seen
    assert seen.body == b"\x00\xff"
    assert seen.headers["content-type"] == "application/x-npy"
    assert seen.headers["accept"] == "text/csv"


def test_a_target_variant_answers_whatever_the_weights_are(
    actor: Actor, answering: Answering
) -> None:
    answering.serve(v1=reply(b"one"), v2=reply(b"two"))
    for _ in range(5):
        sent = Invocation(body=b"1", target_variant="v2")
        assert invoking.invoke(actor, name="e", invocation=sent).body == b"two"


def test_a_models_error_is_an_answer_with_its_words(actor: Actor, answering: Answering) -> None:
    answering.serve(v1=reply(b"no such column", 415))
    answer = invoking.invoke(actor, name="e", invocation=Invocation(body=b"1"))
    assert not answer.succeeded
    assert (answer.status, answer.error) == (424, "ModelError")
    assert 'client error (415) from primary with message "no such column"' in answer.message


def test_an_unknown_variant_is_said(actor: Actor, answering: Answering) -> None:
    answering.serve(v1=reply())
    sent = Invocation(body=b"1", target_variant="nobody")
    answer = invoking.invoke(actor, name="e", invocation=sent)
    assert answer.status == 400
    assert answer.message == "Variant nobody of endpoint e not found."


def test_a_body_over_the_limit_is_refused_in_awss_words(actor: Actor, answering: Answering) -> None:
    answering.serve(v1=reply())
    sent = Invocation(body=b"x" * (invoking.BODY_LIMIT + 1))
    answer = invoking.invoke(actor, name="e", invocation=sent)
    assert answer.status == 413
    assert "exceeded" in answer.message


@pytest.mark.parametrize("member", ["content_type", "accept", "target_variant"])
def test_no_header_is_smuggled_in(actor: Actor, answering: Answering, member: str) -> None:
    sent = Invocation(body=b"", **{member: "text/csv\r\nX-Console-Account: 1"})
    with pytest.raises(ValidationFailed, match="printable ASCII"):
        invoking.invoke(actor, name="e", invocation=sent)


def test_a_gateway_that_is_down_is_named(actor: Actor, settings: object) -> None:
    settings.GATEWAY_URL = f"http://127.0.0.1:{free_port()}"  # type: ignore[attr-defined]
    with pytest.raises(GatewayUnreachable, match="gateway does not answer"):
        invoking.invoke(actor, name="e", invocation=Invocation(body=b"1"))


def test_a_viewer_may_not_and_a_stranger_finds_nothing(bob: Actor, charlie: Actor) -> None:
    with pytest.raises(Forbidden):
        invoking.invoke(bob, name="e", invocation=Invocation(body=b"1"))
    with pytest.raises(NotFound):
        invoking.invoke(charlie, name="e", invocation=Invocation(body=b"1"))
