"""What a client holds, and who comes with an access token."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lodestone.auth.users.models import Account


@dataclass(frozen=True, slots=True)
class ClientTokens:
    """What a client gets when somebody signs in with it; times are in Unix seconds."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    expires_at: int
    account: Account
    provider_token: str | None = field(default=None, repr=False)
    provider_refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ClientSession:
    """The session of an access token, and whose it is."""

    id: UUID
    account: Account
    aal: str
    amr: list[dict[str, Any]]
