import pytest

from consoleapp.accounts import tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, LimitExceeded, NotFound
from consoleapp.accounts.models import ApiToken, Membership


def test_a_token_resolves_to_its_user_and_team_and_is_not_stored(actor: Actor) -> None:
    made, text = tokens.create(actor, actor.user, "ci")
    found = tokens.resolve(text)
    assert found == made
    assert (found.team, found.user) == (actor.team, actor.user)
    row = ApiToken.objects.values().get()
    assert text not in str(row)
    assert row["prefix"] == text[:8]


@pytest.mark.parametrize("text", ["", "unknown", "ünknown"])
def test_an_unknown_text_resolves_to_nothing(actor: Actor, text: str) -> None:
    tokens.create(actor, actor.user)
    assert tokens.resolve(text) is None


def test_a_viewer_makes_their_own_token_and_no_other(actor: Actor, bob: Actor) -> None:
    tokens.create(bob, bob.user)
    with pytest.raises(Forbidden):
        tokens.create(bob, actor.user)


def test_a_revoked_token_resolves_to_nothing(actor: Actor) -> None:
    made, text = tokens.create(actor, actor.user)
    tokens.revoke(actor, made.pk)
    tokens.revoke(actor, made.pk)
    assert tokens.resolve(text) is None


def test_who_left_the_team_or_is_inactive_has_no_token(actor: Actor, bob: Actor) -> None:
    _, left = tokens.create(bob, bob.user)
    _, inactive = tokens.create(actor, actor.user)
    Membership.objects.filter(user=bob.user).delete()
    actor.user.is_active = False
    actor.user.save(update_fields=["is_active"])
    assert tokens.resolve(left) is None
    assert tokens.resolve(inactive) is None


def test_strangers_and_colleagues_revoke_nothing_of_others_but_an_admin_does(
    actor: Actor, bob: Actor, charlie: Actor
) -> None:
    made, text = tokens.create(actor, actor.user)
    hers, _ = tokens.create(bob, bob.user)
    for other in (bob, charlie):
        with pytest.raises(NotFound):
            tokens.revoke(other, made.pk)
    assert tokens.resolve(text) == made
    tokens.revoke(actor, hers.pk)
    assert [t.pk for t in tokens.visible(bob)] == [hers.pk]
    assert {t.pk for t in tokens.visible(actor)} == {made.pk, hers.pk}


def test_the_quota_holds(actor: Actor) -> None:
    for _ in range(20):
        tokens.create(actor, actor.user)
    with pytest.raises(LimitExceeded):
        tokens.create(actor, actor.user)
