"""What setting up a second factor shows, once."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A factor that waits for its first code: the secret as text, as address and as a picture."""

    id: UUID
    friendly_name: str
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """An open question for a code."""

    id: UUID
    factor_type: str
    expires_at: datetime
