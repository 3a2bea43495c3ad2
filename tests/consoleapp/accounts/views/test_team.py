import re

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from consoleapp.accounts import quotas, services
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import IamRole, Membership, Role

PAGES = ["team", "team/keys", "team/roles", "team/quotas", "team/audit"]
ADMIN_POSTS = [
    ("team/members/add", {"username": "dora", "role": "admin"}),
    ("team/members/bob/role", {"role": "admin"}),
    ("team/members/alice/remove", {}),
    ("team/quotas/set", {"code": "recommender.tests.max", "value": "99"}),
]


def text_of(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize("page", PAGES)
def test_a_viewer_reads_every_page_and_finds_no_form_to_change_it(
    actor: Actor, bob_client: Client, page: str
) -> None:
    answer = bob_client.get(f"/console/{page}")
    assert answer.status_code == 200
    assert "Account 123456789012" in text_of(answer)
    for action in ("/console/team/members", "/console/team/quotas/set", "/keys/create"):
        assert f'action="{action}' not in text_of(answer)


@pytest.mark.parametrize("page", PAGES)
def test_the_signed_out_are_led_to_sign_in(client: Client, db: None, page: str) -> None:
    assert client.get(f"/console/{page}")["Location"].startswith("/console/sign-in")


@pytest.mark.parametrize(("path", "data"), ADMIN_POSTS)
def test_a_viewer_changes_nothing(
    actor: Actor, bob_client: Client, path: str, data: dict[str, str]
) -> None:
    assert bob_client.post(f"/console/{path}", data).status_code == 403
    assert Membership.objects.count() == 2
    assert quotas.limit(actor.team, "recommender.tests.max") == 10


@pytest.mark.parametrize("path", ["team/members/bob/role", "team/members/bob/remove"])
def test_a_stranger_does_not_reach_the_members(
    bob: Actor, charlie_client: Client, path: str
) -> None:
    answer = charlie_client.post(f"/console/{path}", {"role": "admin"})
    assert answer.status_code == 404
    assert Membership.objects.get(user=bob.user).role == Role.VIEWER


def test_a_new_member_is_shown_their_password_once(alice_client: Client, actor: Actor) -> None:
    answer = alice_client.post("/console/team/members/add", {"username": "dora", "role": "viewer"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    password = answer.context["shown"][1]["value"]
    assert password in text_of(answer)
    assert authenticate(username="dora", password=password) is not None
    assert password not in text_of(alice_client.get("/console/team"))


def test_a_member_who_exists_is_added_with_a_message(
    alice_client: Client, actor: Actor, charlie: Actor
) -> None:
    answer = alice_client.post(
        "/console/team/members/add", {"username": "charlie", "role": "viewer"}, follow=True
    )
    assert "charlie was added to the team." in text_of(answer)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"username": "alice", "role": "viewer"}, "alice belongs to the team already."),
        ({"username": "two words", "role": "viewer"}, "Enter a valid username."),
        ({"username": "dora", "role": "king"}, "Select a valid choice."),
        ({"username": "", "role": "viewer"}, "This field is required."),
    ],
)
def test_a_member_that_cannot_be_added_is_answered_with_the_reason(
    alice_client: Client, actor: Actor, data: dict[str, str], message: str
) -> None:
    answer = alice_client.post("/console/team/members/add", data)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert Membership.objects.count() == 1


def test_roles_are_changed_and_members_removed(
    alice_client: Client, actor: Actor, bob: Actor
) -> None:
    answer = alice_client.post("/console/team/members/bob/role", {"role": "operator"}, follow=True)
    assert "bob is operator now." in text_of(answer)
    answer = alice_client.post("/console/team/members/bob/remove", follow=True)
    assert "bob was removed" in text_of(answer)
    assert Membership.objects.count() == 1


def test_the_last_admin_is_told_why_they_stay(alice_client: Client, actor: Actor) -> None:
    for path, data in (("role", {"role": "viewer"}), ("remove", {}), ("role", {"role": "king"})):
        answer = alice_client.post(f"/console/team/members/alice/{path}", data, follow=True)
        assert re.search("at least one admin|no role", text_of(answer))
    assert Membership.objects.get().role == Role.ADMIN


def test_an_iam_role_is_created_or_its_fault_shown(alice_client: Client, actor: Actor) -> None:
    answer = alice_client.post("/console/team/roles", {"name": "JobRole"}, follow=True)
    assert "arn:aws:iam::123456789012:role/JobRole" in text_of(answer)
    for name in ("jobrole", "a b"):
        assert alice_client.post("/console/team/roles", {"name": name}).status_code == 422
    assert IamRole.objects.count() == 1


def test_a_viewer_creates_no_iam_role(bob_client: Client) -> None:
    assert bob_client.post("/console/team/roles", {"name": "JobRole"}).status_code == 403
    assert not IamRole.objects.exists()


def test_a_quota_is_set_and_taken_back(alice_client: Client, actor: Actor) -> None:
    code = "recommender.tests.max"
    alice_client.post("/console/team/quotas/set", {"code": code, "value": "25"})
    assert quotas.limit(actor.team, code) == 25
    alice_client.post("/console/team/quotas/set", {"code": code, "value": ""})
    assert quotas.limit(actor.team, code) == 10


@pytest.mark.parametrize(
    "data", [{"code": "recommender.tests.max", "value": "-1"}, {"code": "moon", "value": "1"}, {}]
)
def test_a_quota_that_cannot_be_is_refused_with_a_message(
    alice_client: Client, actor: Actor, data: dict[str, str]
) -> None:
    answer = alice_client.post("/console/team/quotas/set", data, follow=True)
    assert "flash--error" in text_of(answer)
    assert quotas.limit(actor.team, "recommender.tests.max") == 10


def test_the_audit_trail_shows_what_this_team_did(
    alice_client: Client, actor: Actor, charlie: Actor
) -> None:
    services.create_iam_role(actor, "Ours")
    services.create_iam_role(charlie, "Theirs")
    shown = text_of(alice_client.get("/console/team/audit"))
    assert "role/Ours" in shown
    assert "role/Theirs" not in shown


def test_more_members_cost_no_more_queries(
    alice_client: Client, actor: Actor, django_assert_max_num_queries: object
) -> None:
    for number in range(10):
        services.add_member(actor, username=f"member-{number}", role=Role.VIEWER)
    with django_assert_max_num_queries(8):
        alice_client.get("/console/team")
