"""Policies of IAM roles: kept, read back, and in the way of deleting the role."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consoleapp.accounts import iam_policies, services, tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden
from consoleapp.accounts.models import IamRole

pytestmark = pytest.mark.django_db

FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"


@pytest.fixture
def role(actor: Actor) -> IamRole:
    return services.create_iam_role(actor, "r")


def test_a_policy_is_attached_once_and_detached(actor: Actor, role: IamRole) -> None:
    for _ in range(2):
        iam_policies.attach(actor, name="r", arn=FULL_ACCESS)
    assert iam_policies.role(actor, "r").attached_policies == [FULL_ACCESS]
    iam_policies.detach(actor, name="r", arn=FULL_ACCESS)
    with pytest.raises(iam_policies.NoSuchEntity, match="was not found"):
        iam_policies.detach(actor, name="r", arn=FULL_ACCESS)


def test_a_role_is_changed_by_one_at_a_time(actor: Actor, role: IamRole) -> None:
    # On PostgreSQL, where two would lose each other's policy; SQLite has one writer anyway.
    with CaptureQueriesContext(connection) as told:
        iam_policies.attach(actor, name="r", arn=FULL_ACCESS)
    locks = [query for query in told if "FOR UPDATE" in query["sql"]]
    assert len(locks) == int(connection.features.has_select_for_update)


def test_a_role_has_at_most_twenty_managed_policies(actor: Actor, role: IamRole) -> None:
    for number in range(20):
        iam_policies.attach(actor, name="r", arn=f"arn:aws:iam::aws:policy/p{number}")
    with pytest.raises(iam_policies.TooMany, match="PoliciesPerRole"):
        iam_policies.attach(actor, name="r", arn=FULL_ACCESS)


def test_an_inline_policy_is_kept_as_sent(actor: Actor, role: IamRole) -> None:
    iam_policies.put(actor, name="r", policy="p", document='{"Version": "2012-10-17"}')
    iam_policies.put(actor, name="r", policy="p", document='{"a": 1}')
    assert iam_policies.inline(actor, name="r", policy="p") == '{"a": 1}'
    iam_policies.delete_inline(actor, name="r", policy="p")
    for call in (iam_policies.inline, iam_policies.delete_inline):
        with pytest.raises(iam_policies.NoSuchEntity):
            call(actor, name="r", policy="p")


@pytest.mark.parametrize("document", ["", "no json", "[]", "[" * 100_000])
def test_a_document_that_is_none_is_refused(actor: Actor, role: IamRole, document: str) -> None:
    with pytest.raises(iam_policies.MalformedPolicy):
        iam_policies.put(actor, name="r", policy="p", document=document)
    with pytest.raises(iam_policies.MalformedPolicy):
        iam_policies.trust(actor, name="r", document=document)


def test_inline_policies_together_have_a_most_that_blanks_do_not_count_in(
    actor: Actor, role: IamRole
) -> None:
    spaced = '{"a": "' + "x" * 10_000 + '"}' + " " * 5_000
    iam_policies.put(actor, name="r", policy="p", document=spaced)
    with pytest.raises(iam_policies.TooMany, match="10240"):
        iam_policies.put(actor, name="r", policy="q", document=spaced)


def test_a_role_goes_once_nothing_hangs_on_it(actor: Actor, role: IamRole) -> None:
    tags.add(actor, role.arn, [{"Key": "a", "Value": "b"}])
    iam_policies.attach(actor, name="r", arn=FULL_ACCESS)
    iam_policies.put(actor, name="r", policy="p", document="{}")
    with pytest.raises(iam_policies.DeleteConflict, match="detach all policies"):
        iam_policies.delete_role(actor, name="r")
    iam_policies.detach(actor, name="r", arn=FULL_ACCESS)
    with pytest.raises(iam_policies.DeleteConflict, match="must delete policies first"):
        iam_policies.delete_role(actor, name="r")
    iam_policies.delete_inline(actor, name="r", policy="p")
    iam_policies.delete_role(actor, name="r")
    assert not IamRole.objects.exists()
    assert not tags.of(actor, role.arn)


CHANGES: list[Callable[[Actor], None]] = [
    lambda who: iam_policies.attach(who, name="r", arn=FULL_ACCESS),
    lambda who: iam_policies.detach(who, name="r", arn=FULL_ACCESS),
    lambda who: iam_policies.put(who, name="r", policy="p", document="{}"),
    lambda who: iam_policies.delete_inline(who, name="r", policy="p"),
    lambda who: iam_policies.trust(who, name="r", document="{}"),
    lambda who: iam_policies.delete_role(who, name="r"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_viewer_changes_nothing_and_a_stranger_finds_no_role(
    bob: Actor, charlie: Actor, role: IamRole, change: Callable[[Actor], None]
) -> None:
    with pytest.raises(Forbidden):
        change(bob)
    with pytest.raises(iam_policies.NoSuchEntity):
        change(charlie)
    assert iam_policies.role(bob, "r").pk == role.pk
