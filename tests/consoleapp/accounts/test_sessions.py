import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from pytest_django import Settings

from consoleapp.accounts import sessions
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from consoleapp.accounts.models import Membership, Role, User
from tests.factories import make_team


@pytest.fixture
def session() -> SessionStore:
    return SessionStore()


@pytest.fixture
def user(actor: Actor) -> User:
    assert actor.user is not None
    return actor.user


def test_a_person_begins_in_their_first_team_and_the_default_region(
    actor: Actor, user: User, session: SessionStore
) -> None:
    found = sessions.actor_of_session(user, session)
    assert found == actor


def test_a_person_without_a_team_has_no_actor(session: SessionStore, db: None) -> None:
    assert sessions.actor_of_session(User.objects.create(username="new"), session) is None


def test_a_person_switches_between_their_teams_with_their_role_in_each(
    user: User, session: SessionStore
) -> None:
    other = make_team("research", "210987654321")
    Membership.objects.create(team=other, user=user, role=Role.VIEWER.value)
    sessions.switch_team(user, session, account_id="210987654321")
    found = sessions.actor_of_session(user, session)
    assert found is not None
    assert (found.account_id, found.role) == ("210987654321", "viewer")


@pytest.mark.parametrize("account_id", ["999999999999", "000000000000", ""])
def test_nobody_switches_to_a_team_of_others_or_none(
    user: User, charlie: Actor, session: SessionStore, account_id: str
) -> None:
    with pytest.raises(NotFound):
        sessions.switch_team(user, session, account_id=account_id)
    assert not session.keys()


def test_who_is_removed_from_the_chosen_team_falls_back_to_another(
    actor: Actor, user: User, session: SessionStore
) -> None:
    other = make_team("research", "210987654321")
    membership = Membership.objects.create(team=other, user=user, role=Role.ADMIN.value)
    sessions.switch_team(user, session, account_id="210987654321")
    membership.delete()
    found = sessions.actor_of_session(user, session)
    assert found is not None
    assert found.team == actor.team


def test_only_regions_of_this_console_are_chosen(
    user: User, session: SessionStore, settings: Settings
) -> None:
    settings.REGIONS = ["us-east-1", "eu-west-1"]
    sessions.switch_region(session, region="eu-west-1")
    found = sessions.actor_of_session(user, session)
    assert found is not None
    assert found.region == "eu-west-1"
    with pytest.raises(NotFound):
        sessions.switch_region(session, region="mars-north-1")
    settings.REGIONS = ["us-east-1"]
    found = sessions.actor_of_session(user, session)
    assert found is not None
    assert found.region == "us-east-1"


def test_a_form_is_known_again_but_not_one_without_an_id(session: SessionStore) -> None:
    assert [sessions.is_first(session, form) for form in ("a", "b", "a", "", "")] == [
        *(True, True, False, True, True)
    ]
    for number in range(20):
        sessions.is_first(session, str(number))
    assert sessions.is_first(session, "a")
