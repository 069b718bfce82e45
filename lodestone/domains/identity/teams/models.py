"""What teams are made of, and in which of them somebody works."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ScopeKind(StrEnum):
    """Whose rows a request is about."""

    USER = "user"
    TEAM = "team"


class TeamRole(StrEnum):
    """What a person may do in a workspace; a catalogue reader is in none."""

    OWNER = "owner"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Scope:
    """In which workspace somebody works; every list and every new row takes one.

    Limits and plans are those of `billing_user_id`: the team's owner. `team_id` is None in the
    personal workspace.
    """

    kind: ScopeKind
    user_id: UUID
    billing_user_id: UUID
    role: TeamRole
    name: str
    team_id: UUID | None = None
    personal_team_id: UUID | None = None

    @property
    def is_owner(self) -> bool:
        return self.role is TeamRole.OWNER

    @property
    def home_team_id(self) -> UUID | None:
        """Return the team of what can't be without one: else the personal one."""
        return self.team_id or self.personal_team_id

    @property
    def author_id(self) -> UUID | None:
        """Return whose rows without a team belong to the workspace: nobody's, in a team.

        A list filters `team_id = home_team_id or (team_id is null and user_id = author_id)`.
        """
        return self.user_id if self.kind is ScopeKind.USER else None

    @property
    def key(self) -> str:
        """Return how the workspace is named in the cookie and in addresses."""
        return str(self.team_id) if self.team_id else "personal"


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Where a person may work, the personal workspace first, and where they do now."""

    current: Scope
    choices: tuple[Scope, ...]

    def find(self, key: str) -> Scope | None:
        """Find a workspace by its key, or the personal one by its team."""
        for scope in self.choices:
            if key == scope.key or (scope.home_team_id and key == str(scope.home_team_id)):
                return scope
        return None
