import re

import pytest
from django.contrib.auth import authenticate

from consoleapp.accounts import keys, services, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import (
    Forbidden,
    InUse,
    LimitExceeded,
    NotFound,
    ValidationFailed,
)
from consoleapp.accounts.models import AuditEvent, IamRole, Membership, Role, Team, User
from consoleapp.accounts.quotas import set_limit


def role_of(username: str) -> str:
    return Membership.objects.get(user__username=username).role


def test_a_team_gets_an_account_id_and_its_owner_as_admin(db: None) -> None:
    user = User.objects.create(username="eve")
    team = services.create_team(name=" research ", owner=user)
    assert team.name == "research"
    assert re.fullmatch(r"[1-9][0-9]{11}", team.account_id)
    assert Membership.objects.get(team=team).role == Role.ADMIN


@pytest.mark.parametrize("account_id", ["12345678901", "1234567890123", "12345678901a", "１" * 12])
def test_an_account_id_has_12_digits(db: None, account_id: str) -> None:
    with pytest.raises(ValidationFailed):
        services.create_team(name="research", account_id=account_id)


def test_a_team_of_the_same_name_or_account_is_refused(team: Team) -> None:
    with pytest.raises(InUse):
        services.create_team(name=team.name)
    with pytest.raises(InUse):
        services.create_team(name="other", account_id=team.account_id)
    with pytest.raises(ValidationFailed):
        services.create_team(name="  ")


def test_a_new_person_gets_a_password_that_signs_them_in(actor: Actor) -> None:
    membership, password = services.add_member(actor, username="dora", role=Role.OPERATOR)
    assert membership.role == Role.OPERATOR
    assert authenticate(username="dora", password=password) == membership.user


def test_a_person_who_exists_keeps_their_password(actor: Actor, charlie: Actor) -> None:
    membership, password = services.add_member(actor, username="charlie", role=Role.VIEWER)
    assert password == ""
    assert membership.user == charlie.user
    assert authenticate(username="charlie", password="a long enough password") == charlie.user


def test_nobody_is_added_twice_or_with_a_name_that_is_none(actor: Actor, bob: Actor) -> None:
    with pytest.raises(InUse):
        services.add_member(actor, username="bob", role=Role.ADMIN)
    for name in ("two words", "", "a/b", "x" * 151):
        with pytest.raises(ValidationFailed) as refused:
            services.add_member(actor, username=name, role=Role.VIEWER)
        assert refused.value.field == "username"
    assert role_of("bob") == Role.VIEWER


def test_only_an_admin_changes_members(actor: Actor, bob: Actor) -> None:
    with pytest.raises(Forbidden):
        services.add_member(bob, username="dora", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        services.change_role(bob, username="bob", role=Role.ADMIN)
    with pytest.raises(Forbidden):
        services.remove_member(bob, username="alice")
    assert role_of("bob") == Role.VIEWER


def test_an_admin_of_another_team_does_not_find_the_member(bob: Actor, charlie: Actor) -> None:
    with pytest.raises(NotFound):
        services.change_role(charlie, username="bob", role=Role.ADMIN)
    with pytest.raises(NotFound):
        services.remove_member(charlie, username="bob")
    with pytest.raises(NotFound):
        services.member(charlie, "bob")


def test_roles_change_and_members_leave(actor: Actor, bob: Actor) -> None:
    services.change_role(actor, username="bob", role=Role.PUBLISHER)
    assert role_of("bob") == Role.PUBLISHER
    services.remove_member(actor, username="bob")
    assert not Membership.objects.filter(user=bob.user).exists()
    assert User.objects.filter(username="bob").exists()
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["ChangeRole", "RemoveMember"]


def test_keys_and_tokens_of_one_who_left_do_not_come_back_with_them(
    actor: Actor, bob: Actor
) -> None:
    services.change_role(actor, username="bob", role=Role.OPERATOR)
    keys.create(actor, bob.user)
    _, token = tokens.create(actor, bob.user)
    services.remove_member(actor, username="bob")
    services.add_member(actor, username="bob", role=Role.OPERATOR)
    assert not keys.active().exists()
    assert tokens.resolve(token) is None


def test_the_last_admin_stays(actor: Actor, bob: Actor) -> None:
    for attempt in (
        lambda: services.remove_member(actor, username="alice"),
        lambda: services.change_role(actor, username="alice", role=Role.VIEWER),
    ):
        with pytest.raises(ValidationFailed, match="at least one admin"):
            attempt()
    services.change_role(actor, username="bob", role=Role.ADMIN)
    services.remove_member(actor, username="alice")


def test_an_admin_who_cannot_sign_in_does_not_count(actor: Actor, bob: Actor) -> None:
    services.change_role(actor, username="bob", role=Role.ADMIN)
    User.objects.filter(username="bob").update(is_active=False)
    with pytest.raises(ValidationFailed):
        services.remove_member(actor, username="alice")


def test_an_iam_role_has_an_arn_of_its_account(actor: Actor) -> None:
    role = services.create_iam_role(actor, "SageMakerRole", "for jobs")
    assert role.arn == "arn:aws:iam::123456789012:role/SageMakerRole"
    placed = services.create_iam_role(actor, "Placed", path="/service-role/")
    assert placed.arn == "arn:aws:iam::123456789012:role/service-role/Placed"
    assert [r.name for r in services.iam_roles(actor)] == ["Placed", "SageMakerRole"]


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "röle", "a:b"])
def test_a_role_name_is_checked_as_at_aws(actor: Actor, name: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        services.create_iam_role(actor, name)
    assert refused.value.field == "name"
    assert not IamRole.objects.exists()


@pytest.mark.parametrize("name", ["x", "x" * 64, "A_b+c=d,e.f@g-h9"])
def test_every_name_that_aws_takes_is_taken(actor: Actor, name: str) -> None:
    assert services.create_iam_role(actor, name).name == name


def test_names_of_roles_differ_by_more_than_case_within_a_team(
    actor: Actor, charlie: Actor
) -> None:
    services.create_iam_role(actor, "Reader")
    with pytest.raises(InUse, match="Role with name reader already exists"):
        services.create_iam_role(actor, "reader")
    services.create_iam_role(charlie, "Reader")


def test_a_viewer_creates_no_role_and_the_quota_holds(actor: Actor, bob: Actor) -> None:
    with pytest.raises(Forbidden):
        services.create_iam_role(bob, "Reader")
    set_limit(actor, code="accounts.iam_roles.max", value=0)
    with pytest.raises(LimitExceeded):
        services.create_iam_role(actor, "Reader")
    with pytest.raises(ValidationFailed):
        services.create_iam_role(actor, "Reader", path="no-slash")
    with pytest.raises(ValidationFailed):
        services.create_iam_role(actor, "Reader", "x" * 1001)
