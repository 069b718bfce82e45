"""What auth tells others about people and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lodestone.platform.actors import User, Viewer


@dataclass(frozen=True, slots=True)
class Viewing:
    """The super admin behind a look with another account's eyes, and how long it lasts."""

    admin_id: UUID
    admin_email: str
    admin_name: str | None
    until: datetime
    may_write: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person whose session came with the request; `viewing` tells that an admin looks on."""

    user_id: UUID
    session_id: UUID
    email: str
    name: str | None
    username: str | None
    is_super_admin: bool
    viewing: Viewing | None = None

    @property
    def actor(self) -> User:
        if self.viewing is None:
            return User(self.user_id)
        return Viewer(
            self.user_id, admin_id=self.viewing.admin_id, may_write=self.viewing.may_write
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, as its owner sees it."""

    id: UUID
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
