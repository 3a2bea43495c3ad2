import re

import pytest

from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, LimitExceeded, NotFound, ValidationFailed
from consoleapp.accounts.models import AccessKey, AuditEvent, Membership, Role
from tests.factories import make_actor


def active_ids() -> set[str]:
    return set(keys.active().values_list("key_id", flat=True))


def test_a_key_looks_as_at_aws_and_its_secret_can_be_read_by_the_console(actor: Actor) -> None:
    key, secret = keys.create(actor, actor.user, "laptop")
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key.key_id)
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", secret)
    stored = AccessKey.objects.get(key_id=key.key_id)
    assert keys.secret_of(stored) == secret
    assert secret.encode() not in bytes(stored.secret_encrypted)
    assert (stored.description, stored.team, stored.user) == ("laptop", actor.team, actor.user)
    assert AuditEvent.objects.get().detail == {"key_id": key.key_id, "user": "alice"}


def test_a_revoked_key_is_active_no_more_and_revoking_twice_changes_nothing(actor: Actor) -> None:
    key, _ = keys.create(actor, actor.user)
    assert active_ids() == {key.key_id}
    keys.revoke(actor, key.key_id)
    revoked_at = AccessKey.objects.get().revoked_at
    keys.revoke(actor, key.key_id)
    assert active_ids() == set()
    assert AccessKey.objects.get().revoked_at == revoked_at


def test_a_viewer_makes_no_key(bob: Actor) -> None:
    with pytest.raises(Forbidden):
        keys.create(bob, bob.user)


def test_an_operator_makes_their_own_and_no_other(actor: Actor) -> None:
    dora = make_actor(actor.team, username="dora", role=Role.OPERATOR)
    keys.create(dora, dora.user)
    with pytest.raises(Forbidden):
        keys.create(dora, actor.user)


def test_an_admin_makes_one_for_a_member_but_not_for_a_stranger(
    actor: Actor, bob: Actor, charlie: Actor
) -> None:
    keys.create(actor, bob.user)
    with pytest.raises(NotFound):
        keys.create(actor, charlie.user)


def test_a_stranger_neither_sees_nor_revokes(actor: Actor, charlie: Actor) -> None:
    key, _ = keys.create(actor, actor.user)
    assert not keys.visible(charlie).exists()
    with pytest.raises(NotFound):
        keys.revoke(charlie, key.key_id)
    assert active_ids() == {key.key_id}


def test_who_is_no_admin_sees_and_revokes_their_own_only(actor: Actor) -> None:
    dora = make_actor(actor.team, username="dora", role=Role.OPERATOR)
    hers, _ = keys.create(dora, dora.user)
    his, _ = keys.create(actor, actor.user)
    assert [k.key_id for k in keys.visible(dora)] == [hers.key_id]
    with pytest.raises(NotFound):
        keys.revoke(dora, his.key_id)
    keys.revoke(actor, hers.key_id)
    assert active_ids() == {his.key_id}


@pytest.mark.parametrize("loss", ["demoted", "removed", "deactivated"])
def test_a_key_sleeps_when_its_user_may_not_act(actor: Actor, loss: str) -> None:
    dora = make_actor(actor.team, username="dora", role=Role.OPERATOR)
    keys.create(dora, dora.user)
    membership = Membership.objects.get(user=dora.user)
    if loss == "demoted":
        membership.role = Role.VIEWER.value
        membership.save(update_fields=["role"])
    elif loss == "removed":
        membership.delete()
    else:
        dora.user.is_active = False
        dora.user.save(update_fields=["is_active"])
    assert active_ids() == set()


def test_a_role_in_another_team_wakes_no_key_of_this_one(actor: Actor, charlie: Actor) -> None:
    dora = make_actor(actor.team, username="dora", role=Role.OPERATOR)
    keys.create(dora, dora.user)
    Membership.objects.filter(user=dora.user).delete()
    Membership.objects.create(team=charlie.team, user=dora.user, role=Role.ADMIN.value)
    assert active_ids() == set()


def test_the_quota_counts_usable_keys(actor: Actor) -> None:
    made = [keys.create(actor, actor.user)[0] for _ in range(5)]
    with pytest.raises(LimitExceeded, match="revoke one first"):
        keys.create(actor, actor.user)
    keys.revoke(actor, made[0].key_id)
    keys.create(actor, actor.user)


def test_a_description_that_does_not_fit_is_refused(actor: Actor) -> None:
    with pytest.raises(ValidationFailed) as refused:
        keys.create(actor, actor.user, "x" * 129)
    assert refused.value.field == "description"
