"""What auth tells others about people and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lodestone.platform.actors import User


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person whose session came with the request."""

    user_id: UUID
    session_id: UUID
    email: str
    name: str | None
    username: str | None
    is_super_admin: bool

    @property
    def actor(self) -> User:
        return User(self.user_id)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, as its owner sees it."""

    id: UUID
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
