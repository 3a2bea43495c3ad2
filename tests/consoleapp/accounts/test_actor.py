import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden
from consoleapp.accounts.models import Role, Team

TEAM = Team(name="default", account_id="123456789012")


@pytest.mark.parametrize(
    ("mine", "allowed"),
    [
        (Role.VIEWER, {Role.VIEWER}),
        (Role.OPERATOR, {Role.VIEWER, Role.OPERATOR}),
        (Role.PUBLISHER, {Role.VIEWER, Role.OPERATOR, Role.PUBLISHER}),
        (Role.ADMIN, set(Role)),
    ],
)
def test_each_role_includes_those_before_it(mine: Role, allowed: set[Role]) -> None:
    actor = Actor(team=TEAM, region="us-east-1", role=mine.value)
    assert {role for role in Role if actor.may(role)} == allowed


def test_a_refusal_says_which_role_is_needed_and_whom_to_ask() -> None:
    actor = Actor(team=TEAM, region="us-east-1", role=Role.VIEWER.value)
    with pytest.raises(Forbidden, match="needs the role 'admin'.*yours is 'viewer'.*Ask an admin"):
        actor.must(Role.ADMIN)


def test_the_console_itself_may_do_everything() -> None:
    assert Actor.system(TEAM, "us-east-1").may(Role.ADMIN)
