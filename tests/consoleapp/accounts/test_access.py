import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, Forbidden, NotFound, ValidationFailed
from consoleapp.accounts.models import Role


def ask(
    page: object, actor: Actor | None, method: str = "GET", path: str = "/console/x", **headers: str
) -> HttpResponse:
    request = RequestFactory().generic(method, path, headers=headers)
    request.user = actor.user if actor else AnonymousUser()
    request.actor = actor
    request.session = {}
    request._messages = []
    return page(request)


@console_page("GET")
def seen_by_viewers(request: AuthedRequest) -> HttpResponse:
    return HttpResponse(request.actor.account_id)


@console_page("POST", role=Role.OPERATOR)
def done_by_operators(request: AuthedRequest) -> HttpResponse:
    return HttpResponse("done")


def test_a_member_gets_the_page(bob: Actor) -> None:
    assert ask(seen_by_viewers, bob).content == b"123456789012"
    assert ask(seen_by_viewers, bob, "HEAD").status_code == 200


def test_a_signed_out_person_is_led_to_sign_in_and_back() -> None:
    answer = ask(seen_by_viewers, None, path="/console/x?page=2")
    assert answer.status_code == 302
    assert answer["Location"] == "/console/sign-in?next=/console/x%3Fpage%3D2"


def test_a_fragment_of_a_signed_out_person_sends_the_whole_page_to_sign_in() -> None:
    shown = {"HX-Request": "true", "HX-Current-URL": "http://testserver/console/x?page=2"}
    answer = ask(seen_by_viewers, None, path="/console/x/fragment", **shown)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/console/sign-in?next=/console/x%3Fpage%3D2"
    answer = ask(seen_by_viewers, None, **{"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/console/sign-in?next="
    answer = ask(seen_by_viewers, None, **{"HX-Request": "true", "HX-Current-URL": "http://["})
    assert answer["HX-Redirect"] == "/console/sign-in?next="


def test_a_signed_out_post_does_not_lead_back_to_a_post() -> None:
    assert ask(done_by_operators, None, "POST")["Location"] == "/console/sign-in?next="


def test_another_method_is_refused_with_those_allowed(actor: Actor) -> None:
    answer = ask(seen_by_viewers, actor, "POST")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_an_address_that_forms_send_to_tells_so_to_those_who_open_it(actor: Actor) -> None:
    answer = ask(done_by_operators, actor)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "only takes what a form sends" in answer.content.decode()


def test_too_low_a_role_gets_the_403_page_with_the_reason(bob: Actor) -> None:
    answer = ask(done_by_operators, bob, "POST")
    assert answer.status_code == 403
    assert "needs the role &#x27;operator&#x27;" in answer.content.decode()


def test_a_person_without_a_team_is_told_so(actor: Actor) -> None:
    request = RequestFactory().get("/console/x")
    request.user, request.actor, request.session, request._messages = actor.user, None, {}, []
    answer = seen_by_viewers(request)
    assert answer.status_code == 403
    assert "belong to no team" in answer.content.decode()


@pytest.mark.parametrize(("error", "status"), [(NotFound, 404), (Forbidden, 403)])
def test_what_a_service_refuses_becomes_that_page(
    actor: Actor, error: type[CallerError], status: int
) -> None:
    @console_page("GET")
    def page(request: AuthedRequest) -> HttpResponse:
        raise error("The reason is this.")

    answer = ask(page, actor)
    assert answer.status_code == status
    assert "The reason is this." in answer.content.decode()


def test_a_refusal_that_a_form_must_show_is_not_swallowed(actor: Actor) -> None:
    @console_page("GET")
    def page(request: AuthedRequest) -> HttpResponse:
        raise ValidationFailed("for the form")

    with pytest.raises(ValidationFailed):
        ask(page, actor)


@pytest.mark.parametrize("form", [{"text": "a\0b"}, {"a\0b": "text"}])
def test_no_form_brings_a_nul_to_the_database(actor: Actor, form: dict[str, str]) -> None:
    request = RequestFactory().post("/console/x", form)
    request.user, request.actor = actor.user, actor
    assert done_by_operators(request).status_code == 400
