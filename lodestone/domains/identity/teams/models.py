"""What teams are made of, and in which of them somebody works."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lodestone.domains.identity.teams.closing.rules import due_at


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
    personal workspace. A team is new to somebody who was put into it and has not entered it yet.
    """

    kind: ScopeKind
    user_id: UUID
    billing_user_id: UUID
    role: TeamRole
    name: str
    team_id: UUID | None = None
    personal_team_id: UUID | None = None
    is_new: bool = False

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


class ProfileStatus(StrEnum):
    """Where somebody stands in a team; a removed place is kept with what it says."""

    PENDING = "pending"
    ACTIVE = "active"
    REMOVED = "removed"


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Link = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^https?://[^\s/]+\S*$"),
]


class TeamCreate(BaseModel):
    """A new team, and whom it writes for."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text | None = None
    industry: Line | None = None
    target_audience: Text | None = None
    shared_goal: Text | None = None


class TeamUpdate(BaseModel):
    """A change: absent means unchanged, null means cleared."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    description: Text | None = None
    industry: Line | None = None
    target_audience: Text | None = None
    shared_goal: Text | None = None
    whitelabel_enabled: bool = False
    hide_branding: bool = False
    custom_favicon_url: Link | None = None
    custom_site_name: Line | None = None
    custom_email_sender_name: Line | None = None
    custom_from_email: Line | None = None


class Team(BaseModel):
    """A team as its people see it."""

    id: UUID
    owner_id: UUID
    name: str
    description: str | None
    industry: str | None
    target_audience: str | None
    shared_goal: str | None
    whitelabel_enabled: bool
    hide_branding: bool
    custom_favicon_url: str | None
    custom_site_name: str | None
    custom_email_sender_name: str | None
    custom_from_email: str | None
    is_personal: bool
    deletion_requested_at: datetime | None = None
    created_at: datetime
    verified_email_domain: str | None = None

    @property
    def ends_at(self) -> datetime | None:
        """Return when the team goes, if its owner asked for that."""
        return due_at(self.deletion_requested_at)


class TeamCard(BaseModel):
    """A workspace on the picker."""

    id: UUID
    name: str
    is_personal: bool
    is_owner: bool
    is_new: bool
    owner_name: str | None
    description: str | None
    industry: str | None
    people: list[str]
    pending: int


class Voice(BaseModel):
    """How a person writes; what other programs keep beside it stays."""

    model_config = ConfigDict(extra="allow")

    tone: Line | None = None
    storytelling_style: Text | None = None
    vocabulary: list[Phrase] = Field(default=[], max_length=60)
    banned_phrases: list[Phrase] = Field(default=[], max_length=60)
    signature_phrases: list[Phrase] = Field(default=[], max_length=60)


class ProfileUpdate(BaseModel):
    """A change of a persona: absent means unchanged, null means cleared."""

    model_config = ConfigDict(extra="forbid")

    full_name: Name = ""
    title: Line | None = None
    linkedin_url: Link | None = None
    bio: Text | None = None
    avatar_url: Link | None = None
    expertise_areas: list[Phrase] | None = Field(default=None, max_length=30)
    voice_profile: Voice | None = None


class Profile(BaseModel):
    """A person in a team."""

    id: UUID
    team_id: UUID
    user_id: UUID | None
    email: str | None
    full_name: str
    title: str | None
    linkedin_url: str | None
    bio: str | None
    avatar_url: str | None
    expertise_areas: list[str]
    voice_profile: Voice
    role: TeamRole
    status: ProfileStatus
    is_default: bool
    invited_at: datetime | None
    accepted_at: datetime | None
    link_expires_at: datetime | None = None

    @property
    def has_voice(self) -> bool:
        return bool(self.voice_profile.model_dump(exclude_defaults=True))

    @property
    def is_link_over(self) -> bool:
        """Return whether somebody was invited whose link no longer opens."""
        if self.status is not ProfileStatus.PENDING:
            return False
        return self.link_expires_at is None or self.link_expires_at <= datetime.now(UTC)


class Activity(BaseModel):
    """One line of what people did in a team."""

    id: UUID
    action: str
    target_type: str | None
    target_id: str | None
    fields: list[str]
    actor: str
    subject: str | None
    created_at: datetime
