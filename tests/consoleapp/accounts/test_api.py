import pytest
from django.test import Client

from consoleapp.accounts import keys, quotas, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import AccessKey, IamRole

JSON = "application/json"


def test_an_access_key_is_made_listed_without_its_secret_and_revoked(
    alice_client: Client, actor: Actor
) -> None:
    made = alice_client.post("/api/v1/access-keys", {"description": "ci"}, content_type=JSON)
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    key = AccessKey.objects.get()
    assert made.json()["secret_access_key"] == keys.secret_of(key)
    listed = alice_client.get("/api/v1/access-keys").json()
    assert [(row["key_id"], row["description"]) for row in listed] == [(key.key_id, "ci")]
    assert made.json()["secret_access_key"] not in str(listed)
    assert alice_client.delete(f"/api/v1/access-keys/{key.key_id}").status_code == 204
    assert not keys.active().exists()


def test_a_token_is_made_shown_once_and_revoked(bob_client: Client, bob: Actor) -> None:
    made = bob_client.post("/api/v1/api-tokens", {}, content_type=JSON).json()
    assert tokens.resolve(made["token"]) is not None
    listed = bob_client.get("/api/v1/api-tokens").json()
    assert made["token"] not in str(listed)
    assert bob_client.delete(f"/api/v1/api-tokens/{made['id']}").status_code == 204
    assert tokens.resolve(made["token"]) is None


def test_a_viewer_makes_no_access_key(bob_client: Client) -> None:
    answer = bob_client.post("/api/v1/access-keys", {}, content_type=JSON)
    assert answer.status_code == 403
    assert answer.json()["code"] == "AccessDeniedException"
    assert not AccessKey.objects.exists()


def test_a_stranger_finds_nothing_of_the_team(actor: Actor, charlie_client: Client) -> None:
    key, _ = keys.create(actor, actor.user)
    token, text = tokens.create(actor, actor.user)
    for path in ("access-keys", "api-tokens", "iam-roles"):
        assert charlie_client.get(f"/api/v1/{path}").json() == []
    assert charlie_client.delete(f"/api/v1/access-keys/{key.key_id}").status_code == 404
    assert charlie_client.delete(f"/api/v1/api-tokens/{token.pk}").status_code == 404
    assert keys.active().exists()
    assert tokens.resolve(text) is not None


def test_a_role_is_made_and_listed(alice_client: Client) -> None:
    made = alice_client.post("/api/v1/iam-roles", {"name": "JobRole"}, content_type=JSON)
    assert made.json()["arn"] == "arn:aws:iam::123456789012:role/JobRole"
    assert [row["name"] for row in alice_client.get("/api/v1/iam-roles").json()] == ["JobRole"]


def test_a_role_that_cannot_be_names_the_field(alice_client: Client) -> None:
    bad = alice_client.post("/api/v1/iam-roles", {"name": "a b"}, content_type=JSON)
    assert (bad.status_code, bad.json()["field"]) == (400, "name")
    missing = alice_client.post("/api/v1/iam-roles", {}, content_type=JSON)
    assert (missing.status_code, missing.json()["field"]) == (400, "name")
    assert not IamRole.objects.exists()


def test_quotas_are_read_by_everyone_and_set_by_an_admin(
    alice_client: Client, bob_client: Client, actor: Actor
) -> None:
    path = "/api/v1/quotas/recommender.phase_seconds.min"
    assert bob_client.get(path).json()["value"] == 120
    assert len(bob_client.get("/api/v1/quotas").json()) == len(quotas.DEFAULTS)
    assert bob_client.put(path, {"value": 10}, content_type=JSON).status_code == 403
    assert alice_client.put(path, {"value": 10}, content_type=JSON).json()["value"] == 10
    assert quotas.limit(actor.team, "recommender.phase_seconds.min") == 10
    assert alice_client.put(path, {"value": None}, content_type=JSON).json()["value"] == 120


@pytest.mark.parametrize("value", [-1, "many", "NaN"])
def test_a_quota_that_is_no_number_is_refused(alice_client: Client, value: object) -> None:
    path = "/api/v1/quotas/recommender.tests.max"
    assert alice_client.put(path, {"value": value}, content_type=JSON).status_code == 400


def test_a_quota_that_does_not_exist_is_not_found(alice_client: Client) -> None:
    assert alice_client.get("/api/v1/quotas/recommender.moon").status_code == 404
