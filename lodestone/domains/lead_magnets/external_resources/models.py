"""What a tracked link takes and gives."""

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

DEFAULT_ICON = "🔗"

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Icon = Annotated[str, StringConstraints(strip_whitespace=True, max_length=16)]


def check_address(value: str) -> str:
    """Return an address of the web. Raises ValueError for any other scheme, or without a host."""
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        raise ValueError("This is not a web address.") from None
    if parts.scheme.lower() not in ("http", "https") or not host or parts.username:
        raise ValueError("Give the whole address, beginning with https://.")
    return value


Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^\S+$"),
    AfterValidator(check_address),
]


class ExternalResourceGiven(BaseModel):
    """A link as its form gives it."""

    title: Title
    url: Address
    icon: Icon = DEFAULT_ICON


class ExternalResource(BaseModel):
    """A stored link; `funnel_page_id` is the page that gives it away by itself, if there is one."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    title: str
    url: str
    icon: str | None
    click_count: int
    created_at: datetime
    updated_at: datetime
    funnel_page_id: UUID | None = None
    is_published: bool = False
    libraries: int = 0

    @property
    def path(self) -> str:
        """Return the counted address."""
        return f"/r/{self.id}"


class ClickDay(BaseModel):
    """Clicks of one day (UTC)."""

    day: date
    clicks: int


class PublishedLink(BaseModel):
    """Where a click leads, on which page it was made, and for whom it is written."""

    url: str
    acting_user_id: UUID
    funnel_page_id: UUID
    library_id: UUID | None
