"""The one value every service takes: who acts, in which team and region."""

from dataclasses import dataclass
from typing import Final

from consoleapp.accounts.errors import Forbidden
from consoleapp.accounts.models import Role, Team, User

_ORDER: Final = {
    Role.VIEWER.value: 0,
    Role.OPERATOR.value: 1,
    Role.PUBLISHER.value: 2,
    Role.ADMIN.value: 3,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `user` is None when the console itself does (sweeps, tasks)."""

    team: Team
    region: str
    role: str
    user: User | None = None

    @property
    def account_id(self) -> str:
        return self.team.account_id

    def may(self, role: Role) -> bool:
        return _ORDER[self.role] >= _ORDER[role.value]

    def must(self, role: Role) -> None:
        """Raises Forbidden, in words a page can show."""
        if not self.may(role):
            raise Forbidden(
                f"This needs the role '{role.value}' in the team {self.team.name};"
                f" yours is '{self.role}'. Ask an admin of the team."
            )

    @classmethod
    def system(cls, team: Team, region: str) -> "Actor":
        """The console acting for a team: in tasks and sweeps only."""
        return cls(team=team, region=region, role=Role.ADMIN.value)
