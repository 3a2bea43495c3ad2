"""The test panel of an endpoint's page: one real invocation, and the same call as code."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from endpoints.hosts.fake import FakeRunner
from endpoints.inference_form import InferenceForm
from endpoints.invoking import BODY_LIMIT
from tests.endpoints.answering import Answering, answering
from tests.endpoints.build import serve
from tests.endpoints.gateway.rig import reply
from tests.endpoints.test_endpoint_page import HX, shown, url

__all__ = ["answering"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])


def test_the_panel_shows_the_answer_its_variant_and_how_long_it_took(
    alice_client: Client, actor: Actor, fake: FakeRunner, answering: Answering
) -> None:
    serve(actor, variants=2)
    answering.serve(v1=reply(b"one"), v2=reply(b'{"score":2}', Content_Type="application/json"))
    given = {"content_type": "text/csv", "body": "1,2\r\n3,4", "target_variant": "v2"}
    answer = alice_client.post(url("invoke"), given, headers=HX)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<dd>v2</dd>" in page
    assert "&quot;score&quot;: 2" in page
    assert " ms</dd>" in page


def test_a_file_is_sent_as_it_is(
    alice_client: Client, actor: Actor, fake: FakeRunner, answering: Answering
) -> None:
    serve(actor)
    (model,) = answering.serve(v1=reply())
    file = SimpleUploadedFile("rows.npy", b"\x93NUMPY\x00\r\n")
    given = {"content_type": "application/x-npy", "body": "not this", "file": file}
    assert alice_client.post(url("invoke"), given, headers=HX).status_code == 200
    assert model.seen[0].body == b"\x93NUMPY\x00\r\n"


def test_of_a_file_that_is_too_long_no_more_is_read_than_tells_so() -> None:
    file = SimpleUploadedFile("rows.csv", b"1" * (BODY_LIMIT + 1000))
    form = InferenceForm({"content_type": "text/csv"}, {"file": file}, variants=[])
    assert form.is_valid()
    assert len(form.invocation().body) == BODY_LIMIT + 1


def test_the_code_says_whose_key_it_signs_with_to_those_who_may(
    alice_client: Client, bob_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    assert f'href="{reverse("accounts:keys")}"' in section(shown(alice_client))
    assert reverse("accounts:keys") not in section(shown(bob_client))


def section(page: str) -> str:
    """The panel, without navigation and account menu."""
    return page[page.index('id="test"') : page.index('id="shifts-section"')]


def test_a_models_error_is_shown_with_its_words(
    alice_client: Client, actor: Actor, fake: FakeRunner, answering: Answering
) -> None:
    serve(actor)
    answering.serve(v1=reply(b"<b>bad row</b>", 400))
    page = alice_client.post(
        url("invoke"), {"content_type": "text/csv", "body": "x"}, headers=HX
    ).content.decode()
    assert "ModelError (424)" in page
    assert "&lt;b&gt;bad row" in page
    assert f"{reverse('metrics:logs')}?text=/aws/sagemaker/Endpoints/e" in page


def test_without_javascript_the_whole_page_comes_back_with_the_answer(
    alice_client: Client, actor: Actor, fake: FakeRunner, answering: Answering
) -> None:
    serve(actor)
    answering.serve(v1=reply(b"0.125"))
    answer = alice_client.post(url("invoke"), {"content_type": "text/csv", "body": "7,7"})
    page = answer.content.decode()
    assert "<html" in page
    assert "0.125" in page
    assert "7,7</textarea>" in page


def test_what_cannot_be_sent_is_said(
    alice_client: Client, actor: Actor, fake: FakeRunner, answering: Answering
) -> None:
    serve(actor)
    given = {"content_type": "", "body": "1", "target_variant": "nobody"}
    answer = alice_client.post(url("invoke"), given, headers=HX)
    assert answer.status_code == 422
    assert "Nothing was sent" in answer.content.decode()
    assert "nobody is not one of the available choices" in answer.content.decode()


def test_the_code_follows_the_form(
    alice_client: Client, bob_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, variants=2)
    given = {"content_type": "text/csv", "body": "8,9", "target_variant": "v2"}
    page = bob_client.post(url("invoke-code"), given).content.decode()
    assert "TargetVariant=&#x27;v2&#x27;" in page
    assert "--data-raw 8,9" in page
    assert "http://testserver/endpoints/e/invocations" in page


def test_a_viewer_may_not_invoke(bob_client: Client, actor: Actor, fake: FakeRunner) -> None:
    serve(actor)
    assert bob_client.post(url("invoke"), {"body": "1"}).status_code == 403
    assert "does not invoke them" in shown(bob_client)


def test_the_tab_that_was_open_stays_open(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    page = alice_client.post(url("invoke-code"), {"body": "1", "snippet": "curl"}).content.decode()
    (checked,) = [line for line in page.splitlines() if "checked" in line]
    assert 'id="snippet-curl"' in checked
