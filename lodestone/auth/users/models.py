"""An account with all that sign-in knows of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Account:
    """One account; times are null for what has not happened."""

    id: UUID
    email: str
    name: str | None
    password_hash: str | None = field(repr=False)
    user_metadata: dict[str, Any]
    app_metadata: dict[str, Any]
    must_confirm_email: bool
    email_verified_at: datetime | None
    invited_at: datetime | None
    last_sign_in_at: datetime | None
    banned_until: datetime | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    confirmation_sent_at: datetime | None
    recovery_sent_at: datetime | None
    reauthentication_sent_at: datetime | None
    email_change_sent_at: datetime | None
    new_email: str | None
    identities: list[dict[str, Any]]
    factors: list[dict[str, Any]]

    @property
    def is_barred(self) -> bool:
        """Whether the account is closed, or somebody barred it for a time."""
        banned = self.banned_until is not None and self.banned_until > datetime.now(UTC)
        return banned or self.deleted_at is not None

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone is not enough."""
        return any(factor["status"] == "verified" for factor in self.factors)
