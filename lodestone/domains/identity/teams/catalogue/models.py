"""What readers see of a lead magnet: never its content."""

from uuid import UUID

from pydantic import BaseModel


class CatalogueCard(BaseModel):
    """A lead magnet in the catalogue of whoever invited the reader."""

    lead_magnet_id: UUID
    owner_id: UUID
    owner_name: str
    title: str
    archetype: str | None
    pain_point: str | None
    target_audience: str | None
    short_description: str | None
    status: str
    thumbnail_url: str | None
    username: str | None
    slug: str | None

    @property
    def format(self) -> str | None:
        """Return the format's display name, such as "Focused toolkit"."""
        return self.archetype.replace("-", " ").capitalize() if self.archetype else None

    @property
    def path(self) -> str | None:
        """Return the path of its published page, if there is one."""
        return f"/p/{self.username}/{self.slug}" if self.username and self.slug else None
