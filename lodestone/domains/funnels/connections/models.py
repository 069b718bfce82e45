"""What a connection and a mapping are made of."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator

Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

MOST_TAGS = 20
NO_LIST = "n/a"


class Provider(StrEnum):
    """A service that takes the leads of funnels."""

    KIT = "kit"
    MAILERLITE = "mailerlite"
    MAILCHIMP = "mailchimp"
    ACTIVECAMPAIGN = "activecampaign"
    GOHIGHLEVEL = "gohighlevel"


class KeyConnect(BaseModel):
    """The key of an account."""

    api_key: Key


class ActiveCampaignConnect(KeyConnect):
    """The key of an account, and where the account lives."""

    base_url: Address


class GoHighLevelConnect(KeyConnect):
    """A private integration token with its location, or the key of a location alone."""

    location_id: Short = ""


class ConductorConnect(KeyConnect):
    """A person's own endpoint and its key."""

    endpoint_url: Address


class Connection(BaseModel):
    """A connected service; what is secret stays in the database."""

    service: str
    is_active: bool
    last_verified_at: datetime | None
    metadata: dict[str, Any]
    funnels: int = 0


class Credentials(BaseModel):
    """A connection with its key, for as long as it is used."""

    api_key: str = Field(repr=False)
    metadata: dict[str, Any]


class MappingGiven(BaseModel):
    """Where a funnel's leads go at a provider; a customer system takes tags of one's own."""

    list_id: Short = ""
    list_name: Short = ""
    tag_id: Short = ""
    tag_name: Short = ""
    custom_tags: list[TagName] = Field(default=[], max_length=MOST_TAGS)

    @field_validator("custom_tags", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value


class Mapping(BaseModel):
    """Where a funnel's leads go at a provider, and with whose credentials."""

    id: UUID
    provider: Provider
    user_id: UUID
    author: str | None
    list_id: str
    list_name: str | None
    tag_id: str | None
    tag_name: str | None
    is_active: bool
    settings: dict[str, Any]

    @property
    def custom_tags(self) -> list[str]:
        return [str(tag) for tag in self.settings.get("custom_tags", [])]
