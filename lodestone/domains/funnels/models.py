"""What a funnel is made of, and what its pages and endpoints take and return."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from lodestone.domains.funnels import embeds
from lodestone.domains.funnels.experiments.models import RunningExperiment
from lodestone.domains.funnels.sections.models import StoredSection


def normalise_email(value: str) -> str:
    """Return the address trimmed and in lower case.

    Raises: ValueError when it is not an address (RFC 5321 and 5322, without asking the DNS).
    """
    try:
        checked = validate_email(value.strip(), check_deliverability=False)
    except EmailNotValidError as refusal:
        raise ValueError("This is not an e-mail address.") from refusal
    return checked.normalized.lower()


Email = Annotated[str, Field(max_length=255), AfterValidator(normalise_email)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", min_length=1, max_length=100)]
Headline = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Subline = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
ButtonText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
_Url = StringConstraints(strip_whitespace=True, max_length=2000)
WebUrl = Annotated[str, _Url, AfterValidator(embeds.check_web_url)]
PictureUrl = Annotated[str, _Url, AfterValidator(embeds.check_picture_url)]
VideoUrl = Annotated[str, _Url, AfterValidator(embeds.check_video_url)]
BookingUrl = Annotated[str, _Url, AfterValidator(embeds.check_booking_url)]
FontUrl = Annotated[str, _Url, AfterValidator(embeds.check_font_url)]
FontFamily = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[\w .+-]*$", max_length=100)
]
Utm = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
_CLICK_ID = re.compile(r"fb\.[0-9]\.[0-9]{1,20}\.[\w.~-]{1,400}")
_PROFILE = re.compile(r"https://([a-z]{2,3}\.)?linkedin\.com/in/[^\s?#/]{1,150}/?", re.IGNORECASE)


def _keep_if(pattern: re.Pattern[str]) -> BeforeValidator:
    """Drop what is malformed: a click that can't be told must not cost the lead."""
    return BeforeValidator(
        lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None
    )


ClickId = Annotated[str | None, _keep_if(_CLICK_ID)]
Profile = Annotated[str | None, _keep_if(_PROFILE)]


class PageType(StrEnum):
    """The pages of a funnel whose views are counted."""

    OPTIN = "optin"
    THANKYOU = "thankyou"
    CONTENT = "content"


class Theme(StrEnum):
    """The look of a public page."""

    DARK = "dark"
    LIGHT = "light"
    CUSTOM = "custom"


class RedirectTrigger(StrEnum):
    """When visitors leave for another site: never, after the opt-in, or after the survey."""

    NONE = "none"
    IMMEDIATE = "immediate"
    AFTER_QUALIFICATION = "after_qualification"


class OptIn(BaseModel):
    """What a visitor gives, as the public endpoint takes it. `website` is a trap for bots."""

    model_config = ConfigDict(populate_by_name=True)

    funnel_page_id: UUID = Field(alias="funnelPageId")
    email: Email
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] | None = None
    utm_source: Utm | None = Field(default=None, alias="utmSource")
    utm_medium: Utm | None = Field(default=None, alias="utmMedium")
    utm_campaign: Utm | None = Field(default=None, alias="utmCampaign")
    linkedin_url: Profile = Field(default=None, alias="linkedinUrl")
    fbc: ClickId = None
    fbp: ClickId = None
    has_ad_consent: bool | None = Field(default=None, alias="adConsent")
    website: str | None = None
    seconds_shown: float | None = Field(default=None, alias="secondsShown")


class View(BaseModel):
    """A page that somebody opened, as the public endpoint takes it."""

    model_config = ConfigDict(populate_by_name=True)

    funnel_page_id: UUID = Field(alias="funnelPageId")
    page_type: PageType = Field(default=PageType.OPTIN, alias="pageType")
    utm_source: Utm | None = Field(default=None, alias="utmSource")
    utm_medium: Utm | None = Field(default=None, alias="utmMedium")
    utm_campaign: Utm | None = Field(default=None, alias="utmCampaign")

    @property
    def came_by(self) -> tuple[str | None, str | None, str | None]:
        """Return source, medium and campaign, None for what the address did not name."""
        return self.utm_source or None, self.utm_medium or None, self.utm_campaign or None


class FunnelUpdate(BaseModel):
    """A change of a page: absent means unchanged, null means cleared."""

    slug: Slug | None = None
    optin_headline: Headline | None = None
    optin_subline: Subline | None = None
    optin_button_text: ButtonText | None = None
    optin_social_proof: Subline | None = None
    thankyou_headline: Headline | None = None
    thankyou_subline: Subline | None = None
    vsl_url: VideoUrl | None = None
    calendly_url: BookingUrl | None = None
    qualification_pass_message: Message | None = None
    qualification_fail_message: Message | None = None
    redirect_trigger: RedirectTrigger | None = None
    redirect_url: WebUrl | None = None
    redirect_fail_url: WebUrl | None = None
    homepage_url: WebUrl | None = None
    homepage_label: ButtonText | None = None
    theme: Theme | None = None
    primary_color: Colour | None = None
    background_color: Colour | None = None
    background_style: Literal["solid", "gradient", "pattern"] | None = None
    logo_url: PictureUrl | None = None
    font_family: FontFamily | None = None
    font_url: FontUrl | None = None
    send_resource_email: bool | None = None
    is_content_open: bool | None = None

    @field_validator(
        "slug",
        "optin_headline",
        "redirect_trigger",
        "theme",
        "primary_color",
        "background_style",
        "send_resource_email",
        "is_content_open",
        mode="before",
    )
    @classmethod
    def _is_needed(cls, value: object, _: ValidationInfo) -> object:
        if value is None:
            raise ValueError("This is needed.")
        return value


class FunnelPage(BaseModel):
    """A stored page."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    target_type: str
    lead_magnet_id: UUID | None
    library_id: UUID | None
    external_resource_id: UUID | None
    qualification_form_id: UUID | None
    slug: str
    optin_headline: str
    optin_subline: str | None
    optin_button_text: str | None
    optin_social_proof: str | None
    thankyou_headline: str | None
    thankyou_subline: str | None
    vsl_url: str | None
    calendly_url: str | None
    qualification_pass_message: str | None
    qualification_fail_message: str | None
    redirect_trigger: str
    redirect_url: str | None
    redirect_fail_url: str | None
    homepage_url: str | None
    homepage_label: str | None
    theme: str | None
    primary_color: str | None
    background_color: str | None
    background_style: str | None
    logo_url: str | None
    font_family: str | None
    font_url: str | None
    is_published: bool
    published_at: datetime | None
    send_resource_email: bool
    is_content_open: bool
    updated_at: datetime
    username: str | None = None
    lead_magnet_title: str | None = None

    @property
    def path(self) -> str | None:
        """Return the public path, or None while the account has no username."""
        return f"/p/{self.username}/{self.slug}" if self.username else None


class FunnelRow(FunnelPage):
    """A line of the list."""

    views: int
    leads: int


class PublicPage(BaseModel):
    """All that a visitor's request needs to know of a published page.

    `acting_user_id` is for whom the service captures: the team's owner, else the author.
    """

    id: UUID
    user_id: UUID
    acting_user_id: UUID
    team_id: UUID | None
    lead_magnet_id: UUID | None
    username: str
    slug: str
    optin_headline: str
    optin_subline: str | None
    optin_button_text: str | None
    optin_social_proof: str | None
    thankyou_headline: str | None
    thankyou_subline: str | None
    theme: str | None
    primary_color: str | None
    background_color: str | None
    background_style: str | None
    logo_url: str | None
    font_family: str | None
    font_url: str | None
    vsl_url: str | None
    calendly_url: str | None
    qualification_pass_message: str | None
    qualification_fail_message: str | None
    redirect_trigger: str
    redirect_url: str | None
    redirect_fail_url: str | None
    homepage_url: str | None
    homepage_label: str | None
    author_name: str | None
    site_name: str | None
    favicon_url: str | None
    hide_branding: bool
    lead_magnet_title: str | None
    polished_content: dict[str, Any] | None
    external_url: str | None
    archetype: str | None = None
    interactive_config: dict[str, Any] | None = None
    library_id: UUID | None = None
    external_resource_id: UUID | None = None
    send_resource_email: bool
    is_content_open: bool
    updated_at: datetime
    sections: list[StoredSection] = []
    experiment: RunningExperiment | None = None
    pixels: dict[str, Any] | None = None
    domain: str | None = None
    host: str | None = None

    @property
    def path(self) -> str:
        """Return the path of the opt-in page; the other pages hang below it.

        `host` is the own domain on which it is shown now, `domain` the one that its team has.
        """
        return f"/{self.slug}" if self.host else f"/p/{self.username}/{self.slug}"

    def address(self, base_url: str) -> str:
        """Return the one address that is told to others: on the own domain, if there is one."""
        if self.domain:
            return f"https://{self.domain}/{self.slug}"
        return f"{base_url}/p/{self.username}/{self.slug}"

    def with_arm(self, number: int) -> Self:
        """Return the page as an arm of its experiment shows it."""
        if self.experiment is None:
            return self
        arm = self.experiment.arms[number]
        return self.model_copy(update={self.experiment.test_field.column: arm.value})


class CapturedLead(BaseModel):
    """The answer to an opt-in. `token` opens the thank-you and content pages for this lead."""

    lead_id: UUID
    is_new: bool
    token: str


class FunnelLead(BaseModel):
    """A captured lead as its creator sees it."""

    id: UUID
    email: str
    name: str | None
    is_qualified: bool | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    created_at: datetime
    funnel_page_id: UUID
    slug: str
    lead_magnet_title: str | None


class DayCount(BaseModel):
    """Views and leads of one day (UTC)."""

    day: date
    views: int
    leads: int
