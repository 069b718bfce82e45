"""What auth tells others about people and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lodestone.platform.actors import KeyHolder, User, Viewer


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
    """The person whose session, token or key came with the request.

    `viewing` tells that an admin looks on. With a key `holder` is set, and `session_id` is the
    key's.
    """

    user_id: UUID
    session_id: UUID
    email: str
    name: str | None
    username: str | None
    is_super_admin: bool
    avatar_url: str | None = None
    viewing: Viewing | None = None
    holder: KeyHolder | None = None
    may_administer: bool = True

    @property
    def bound_team_id(self) -> UUID | None:
        """Return the one team that the key works in, if it is bound to one."""
        return self.holder.bound_team_id if self.holder else None

    @property
    def actor(self) -> User:
        if self.holder is not None:
            return self.holder
        if self.viewing is None:
            return User(self.user_id)
        return Viewer(
            self.user_id, admin_id=self.viewing.admin_id, may_write=self.viewing.may_write
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """A session that opens nothing before its second factor is given."""

    user_id: UUID
    session_id: UUID
    email: str


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, as its owner sees it."""

    id: UUID
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
