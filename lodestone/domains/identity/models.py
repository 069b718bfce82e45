"""What other domains need to know of a person."""

from uuid import UUID

from pydantic import BaseModel


class Workspace(BaseModel):
    """Where a person works: their tenant, None for an account of no business, and personal team."""

    user_id: UUID
    email: str
    name: str | None
    username: str | None
    tenant_id: UUID | None
    personal_team_id: UUID | None
