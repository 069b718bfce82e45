"""The demo business's own account: what `lodestone up` prints."""

from dataclasses import dataclass
from uuid import UUID

EMAIL = "ada@example.com"
USERNAME = "ada"
PASSWORD = "tall-ships-sail-early"  # noqa: S105 - a demo's, printed for everybody to read


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Who owns the demo business, and how to sign in."""

    user_id: UUID
    tenant_id: UUID
    email: str = EMAIL
    password: str = PASSWORD
    username: str = USERNAME
