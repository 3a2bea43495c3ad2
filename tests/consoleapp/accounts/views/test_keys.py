import re

import pytest
from django.test import Client

from consoleapp.accounts import keys, services, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import AccessKey, ApiToken, Role
from tests.factories import make_actor


def text_of(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_key_is_made_and_its_secret_shown_once(alice_client: Client, actor: Actor) -> None:
    answer = alice_client.post("/console/team/keys/create", {"description": "laptop"})
    assert "no-store" in answer["Cache-Control"]
    key = AccessKey.objects.get()
    secret = keys.secret_of(key)
    assert secret in text_of(answer)
    again = text_of(alice_client.get("/console/team/keys"))
    assert key.key_id in again
    assert secret not in again


@pytest.mark.parametrize(("what", "model"), [("keys", AccessKey), ("tokens", ApiToken)])
def test_a_reload_of_what_was_shown_once_makes_no_other(
    alice_client: Client, what: str, model: type[AccessKey] | type[ApiToken]
) -> None:
    sent = {"form_id": alice_client.get("/console/team/keys").context["form_id"]}
    for _ in range(2):
        answer = alice_client.post(f"/console/team/{what}/create", sent, follow=True)
    assert "It was made and shown before" in text_of(answer)
    assert model.objects.count() == 1
    sent = {"form_id": answer.context["form_id"]}
    alice_client.post(f"/console/team/{what}/create", sent)
    assert model.objects.count() == 2


def test_a_key_is_revoked(alice_client: Client, actor: Actor) -> None:
    key, _ = keys.create(actor, actor.user)
    answer = alice_client.post(f"/console/team/keys/{key.key_id}/revoke", follow=True)
    assert f"The access key {key.key_id} is revoked." in text_of(answer)
    assert not keys.active().exists()


def test_the_key_of_one_who_may_not_sign_any_more_is_shown_as_inactive(
    alice_client: Client, actor: Actor
) -> None:
    dora = make_actor(actor.team, username="dora", role=Role.OPERATOR)
    keys.create(dora, dora.user)
    assert "Active" in text_of(alice_client.get("/console/team/keys"))
    services.change_role(actor, username="dora", role=Role.VIEWER)
    page = text_of(alice_client.get("/console/team/keys"))
    assert "Inactive" in page
    assert "Active" not in page


def test_a_viewer_makes_a_token_but_no_key(bob_client: Client, bob: Actor) -> None:
    assert bob_client.post("/console/team/keys/create").status_code == 403
    answer = bob_client.post("/console/team/tokens/create", {"description": "script"})
    shown = answer.context["shown"][0]["value"]
    assert shown in text_of(answer)
    assert tokens.resolve(shown) is not None
    assert shown not in text_of(bob_client.get("/console/team/keys"))


def test_a_token_is_revoked(bob_client: Client, bob: Actor) -> None:
    token, text = tokens.create(bob, bob.user)
    bob_client.post(f"/console/team/tokens/{token.pk}/revoke")
    assert tokens.resolve(text) is None


def test_nobody_revokes_what_is_not_theirs(
    actor: Actor, bob_client: Client, charlie_client: Client
) -> None:
    key, _ = keys.create(actor, actor.user)
    token, text = tokens.create(actor, actor.user)
    for client in (bob_client, charlie_client):
        assert client.post(f"/console/team/keys/{key.key_id}/revoke").status_code == 404
        assert client.post(f"/console/team/tokens/{token.pk}/revoke").status_code == 404
        assert key.key_id not in text_of(client.get("/console/team/keys"))
    assert keys.active().exists()
    assert tokens.resolve(text) is not None


def test_an_admin_sees_the_keys_of_the_whole_team(alice_client: Client, actor: Actor) -> None:
    dora = make_actor(actor.team, username="dora", role=Role.OPERATOR)
    key, _ = keys.create(dora, dora.user)
    assert key.key_id in text_of(alice_client.get("/console/team/keys"))


def test_the_quota_is_told_above_the_form(alice_client: Client, actor: Actor) -> None:
    for _ in range(5):
        keys.create(actor, actor.user)
    answer = alice_client.post("/console/team/keys/create")
    assert answer.status_code == 422
    assert "revoke one first" in text_of(answer)
    assert AccessKey.objects.count() == 5


def test_a_description_that_is_too_long_is_refused(alice_client: Client, actor: Actor) -> None:
    for path in ("keys", "tokens"):
        answer = alice_client.post(f"/console/team/{path}/create", {"description": "x" * 129})
        assert answer.status_code == 422
    assert not AccessKey.objects.exists()
    assert not ApiToken.objects.exists()
