"""What the settings of a pixel are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, field_validator

from lodestone.domains.funnels.deliveries.models import Destination

DEFAULT_EVENTS = ("PageView", "Lead")
MOST_VALUE = 1_000_000

Digits = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{3,25}$", max_length=25)
]
Token = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class PixelGiven(BaseModel):
    """What both platforms ask for; an empty token keeps the one that is there."""

    token: Token = ""
    tells_views: bool = False
    tells_leads: bool = False
    default_conversion_value: float = Field(default=0, ge=0, le=MOST_VALUE)

    @field_validator("default_conversion_value", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return 0 if value in {"", None} else value

    @property
    def enabled_events(self) -> list[str]:
        chosen = {"PageView": self.tells_views, "Lead": self.tells_leads}
        return [name for name, is_on in chosen.items() if is_on]

    def kept(self) -> dict[str, Any]:
        """Return what is kept beside the token."""
        return {
            "enabled_events": self.enabled_events,
            "default_conversion_value": self.default_conversion_value,
        }


class MetaGiven(PixelGiven):
    """A pixel, or dataset, of Meta's."""

    pixel_id: Digits
    test_event_code: Annotated[
        str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{0,40}$")
    ] = ""

    def kept(self) -> dict[str, Any]:
        given = {"pixel_id": self.pixel_id, "test_event_code": self.test_event_code}
        return {**super().kept(), **given}


class LinkedInGiven(PixelGiven):
    """An insight tag of LinkedIn's, and the rule that counts conversions."""

    partner_id: Digits
    conversion_id: Digits

    def kept(self) -> dict[str, Any]:
        given = {"partner_id": self.partner_id, "conversion_id": self.conversion_id}
        return {**super().kept(), **given}


PIXELS: dict[Destination, type[MetaGiven] | type[LinkedInGiven]] = {
    Destination.META_PIXEL: MetaGiven,
    Destination.LINKEDIN_INSIGHT: LinkedInGiven,
}
