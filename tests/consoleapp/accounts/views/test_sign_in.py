from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Membership, Role
from tests.factories import make_team

PASSWORD = "a long enough password"
SIGN_IN = "/console/sign-in"


@pytest.fixture(autouse=True)
def _no_failures() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> object:
    return client.post(SIGN_IN, {"username": "alice", "password": password, **more})


def test_the_right_password_leads_to_the_page_that_was_asked_for(
    client: Client, actor: Actor
) -> None:
    answer = sign_in(client, next="/console/team?x=1")
    assert (answer.status_code, answer["Location"]) == (302, "/console/team?x=1")
    assert client.get("/console/team").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_it_leads_nobody_to_another_site(client: Client, actor: Actor, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere)["Location"] == "/console/"


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_wrong_password_and_an_unknown_name_look_alike(
    client: Client, actor: Actor, name: str
) -> None:
    answer = client.post(SIGN_IN, {"username": name, "password": "wrong"})
    assert answer.status_code == 422
    assert "The user name or the password is wrong." in answer.content.decode()
    assert "wrong" not in client.session


def test_an_inactive_person_stays_out(client: Client, actor: Actor) -> None:
    actor.user.is_active = False
    actor.user.save(update_fields=["is_active"])
    assert sign_in(client).status_code == 422


def test_who_guesses_is_stopped_even_with_the_right_password(client: Client, actor: Actor) -> None:
    for _ in range(10):
        assert sign_in(client, "guess").status_code == 422
    answer = sign_in(client)
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.content.decode()
    assert client.get("/console/team").status_code == 302


def test_it_needs_the_csrf_token(actor: Actor) -> None:
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_who_is_signed_in_needs_not_sign_in(alice_client: Client) -> None:
    assert alice_client.get(SIGN_IN)["Location"] == "/console/"


def test_signing_out_ends_the_session_and_a_link_cannot_do_it(alice_client: Client) -> None:
    assert alice_client.get("/console/sign-out").status_code == 405
    assert alice_client.post("/console/sign-out")["Location"] == SIGN_IN
    assert alice_client.get("/console/team").status_code == 302


def test_who_belongs_to_no_team_can_sign_out(alice_client: Client, actor: Actor) -> None:
    Membership.objects.all().delete()
    page = alice_client.get("/console/team")
    assert page.status_code == 403
    assert "/console/sign-out" in page.content.decode()
    assert alice_client.post("/console/sign-out")["Location"] == SIGN_IN
    assert alice_client.get("/console/team").status_code == 302


def test_a_password_is_changed_and_the_session_stays(
    alice_client: Client, actor: Actor, client: Client
) -> None:
    new = "another long password"
    answer = alice_client.post(
        "/console/password",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    assert answer.status_code == 302
    assert alice_client.get("/console/team").status_code == 200
    assert sign_in(client).status_code == 422
    assert sign_in(client, new).status_code == 302


def test_a_short_password_is_refused(alice_client: Client) -> None:
    answer = alice_client.post(
        "/console/password",
        {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"},
    )
    assert answer.status_code == 422


def test_the_team_and_the_region_are_switched_from_the_top_bar(
    alice_client: Client, actor: Actor, settings: Settings
) -> None:
    settings.REGIONS = ["us-east-1", "eu-west-1"]
    other = make_team("research", "210987654321")
    Membership.objects.create(team=other, user=actor.user, role=Role.VIEWER.value)
    switched = alice_client.post("/console/switch", {"team": "210987654321"})
    assert switched["Location"] == "/console/"
    back = alice_client.post("/console/switch", {"region": "eu-west-1", "next": "/console/team"})
    assert back["Location"] == "/console/team"
    now = alice_client.get("/console/team").context["actor"]
    assert (now.account_id, now.region, now.role) == ("210987654321", "eu-west-1", "viewer")


def test_a_team_of_others_cannot_be_switched_to(
    alice_client: Client, actor: Actor, charlie: Actor
) -> None:
    assert alice_client.post("/console/switch", {"team": "999999999999"}).status_code == 404
    assert alice_client.get("/console/team").context["actor"] == actor
