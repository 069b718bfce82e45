"""A person's own settings, as they come in and as they are shown."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_VIDEO_HOSTS = ("youtube.com", "youtu.be", "vimeo.com", "loom.com")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LONGEST_URL = 500


class NameState(StrEnum):
    """Whether a public name could be taken."""

    YOURS = "yours"
    FREE = "free"
    REFUSED = "refused"


class NameCheck(BaseModel):
    """What is said of a public name while somebody types it."""

    state: NameState
    message: str


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in value:
        raise ValueError("Write an address that begins with https://")
    return value


def _video_address(value: str) -> str:
    host = (urlsplit(_web_address(value)).hostname or "").lower()
    if not any(host == known or host.endswith(f".{known}") for known in _VIDEO_HOSTS):
        raise ValueError("Use a video on YouTube, Vimeo or Loom")
    return value


def _colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise ValueError("Write a colour such as #0f766e")
    return value.lower()


_Address = StringConstraints(strip_whitespace=True, max_length=_LONGEST_URL)
Url = Annotated[str, _Address, AfterValidator(_web_address)]
VideoUrl = Annotated[str, _Address, AfterValidator(_video_address)]
Colour = Annotated[str, AfterValidator(_colour)]


class FunnelDefaults(BaseModel):
    """How an account's new funnels look; the workspace's brand kit goes before it."""

    default_theme: Literal["dark", "light", "custom"] | None
    default_primary_color: str | None
    default_background_style: Literal["solid", "gradient", "pattern"] | None
    default_logo_url: str | None
    default_vsl_url: str | None
    default_funnel_template: Literal["minimal", "social_proof", "authority", "full_suite"] | None


class FunnelDefaultsUpdate(BaseModel):
    """What to change: what is absent stays as it is, null clears it."""

    model_config = ConfigDict(extra="forbid")

    default_theme: Literal["dark", "light", "custom"] | None = None
    default_primary_color: Colour | None = Field(
        default=None, description="As #rrggbb, in hexadecimal."
    )
    default_background_style: Literal["solid", "gradient", "pattern"] | None = None
    default_logo_url: Url | None = None
    default_vsl_url: VideoUrl | None = Field(
        default=None, description="A video on YouTube, Vimeo or Loom."
    )
    default_funnel_template: (
        Literal["minimal", "social_proof", "authority", "full_suite"] | None
    ) = None


class FormerName(BaseModel):
    """A public name that the account had, which leads to the one of today."""

    username: str
    created_at: datetime


class Profile(BaseModel):
    """The account's own page: what it says of itself."""

    user_id: UUID
    email: str
    email_verified_at: datetime | None
    name: str | None
    username: str | None
    avatar_url: str | None
    has_password: bool


class Avatar(BaseModel):
    """A stored picture."""

    content_type: str
    body: bytes
    version: str
