"""Who carries a team's mail, and in whose name."""

from dataclasses import dataclass, field
from datetime import date
from email.utils import formataddr
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name a mail goes out."""

    address: str
    name: str
    reply_to: str | None = None

    @property
    def from_(self) -> str:
        return formataddr((self.name, self.address))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Account:
    """How a team sends.

    `key` is that of a Resend account, the tenant's own or the installation's; without one the
    installation's mail server or mail directory carries the mail. `own_address` may be used with an
    own account; on the installation's only addresses of `verified_domain`.
    """

    team_id: UUID | None
    tenant_id: UUID
    name: str
    key: str = field(default="", repr=False)
    is_own: bool = False
    own_address: str | None = None
    team_address: str | None = None
    verified_domain: str | None = None
    reply_to: str | None = None
    postscript: str | None = None
    has_flow_postscript: bool = True
    postal_address: str | None = None
    is_on: bool = True
    paused_reason: str | None = None
    tracks_opens: bool = True
    tracks_clicks: bool = True
    warmup_started_on: date | None = None
    daily_cap: int | None = None

    @property
    def is_capped(self) -> bool:
        """Say whether a day has room for a limited number of marketing mails only."""
        return self.warmup_started_on is not None or self.daily_cap is not None
