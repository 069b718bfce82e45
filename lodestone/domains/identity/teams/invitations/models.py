"""What an invitation says to whoever opens it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from lodestone.domains.identity.teams.models import Line, Name, ProfileStatus

Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320)]


class Invite(BaseModel):
    """Whom to bring into a team; without an address it is a voice that needs no sign-in."""

    model_config = ConfigDict(extra="forbid")

    full_name: Name
    email: Address | None = None
    title: Line | None = None


class Invitation(BaseModel):
    """An open invitation, and what it opens: a team, or somebody's catalogue."""

    id: UUID
    email: str
    owner_id: UUID
    owner_name: str
    inviter_name: str
    team_id: UUID | None
    team_name: str | None
    team_profile_id: UUID | None
    team_member_id: UUID | None
    full_name: str | None
    expires_at: datetime


class Reader(BaseModel):
    """Somebody who reads the catalogue of whoever invited them."""

    id: UUID
    email: str
    status: ProfileStatus
    invited_at: datetime | None
    accepted_at: datetime | None
