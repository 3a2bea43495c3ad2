"""Plain functions that make rows for tests."""

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Membership, Role, Team, User

REGION = "us-east-1"


def make_team(name: str = "default", account_id: str = "123456789012") -> Team:
    return Team.objects.get_or_create(name=name, defaults={"account_id": account_id})[0]


def make_actor(team: Team, *, username: str = "alice", role: Role = Role.ADMIN) -> Actor:
    user = User.objects.create_user(username=username, password="a long enough password")
    Membership.objects.create(team=team, user=user, role=role.value)
    return Actor(team=team, region=REGION, role=role.value, user=user)
