"""What a key may do, and what is shown of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

MOST_DAYS = 3650


class KeyScope(StrEnum):
    """What a key may do; each includes those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def all_of_it(self) -> list[str]:
        """Return this scope with the ones that it includes, as the row holds them."""
        known = list(KeyScope)
        return [scope.value for scope in known[: known.index(self) + 1]]


class KeyRequest(BaseModel):
    """A key to be made: `days` until it expires, None for never."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] = (
        Field(description="What the key is for: where it is used, or by whom.")
    )
    scope: KeyScope = Field(default=KeyScope.READ, description="The most that it may do.")
    days: int | None = Field(
        default=None, ge=1, le=MOST_DAYS, description="Days until it expires; never without."
    )
    team_id: UUID | None = Field(
        default=None, description="The one team that it works in; all of the account's without."
    )


class ApiKey(BaseModel):
    """A key as its owner sees it."""

    id: UUID
    name: str
    last_four: str = Field(description="How the key ends.")
    scopes: list[KeyScope]
    team_id: UUID | None
    team_name: str | None
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    expires_at: datetime | None
    revoked_at: datetime | None
    is_live: bool = Field(description="Whether it works: neither revoked nor expired.")

    @property
    def scope(self) -> KeyScope:
        """Return the most that the key may do."""
        return max(self.scopes, key=list(KeyScope).index)


class NewKey(BaseModel):
    """A key that was just made: the only time that it is told."""

    key: str
    about: ApiKey
