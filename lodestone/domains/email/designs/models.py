"""What designs are made of, and what their screens take and return."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

MOST_BLOCKS = 100

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Words = Annotated[str, StringConstraints(max_length=20_000)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Align = Literal["left", "center", "right"]
Font = Literal["system", "serif", "mono", "georgia", "verdana", "trebuchet"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Heading(_Part):
    """A line that stands out."""

    kind: Literal["heading"] = "heading"
    text: Line = "A headline"
    size: Literal["large", "medium", "small"] = "large"
    align: Align = "left"


class Text(_Part):
    """Paragraphs in Markdown."""

    kind: Literal["text"] = "text"
    text: Words = ""
    align: Align = "left"


class Body(_Part):
    """The place for the words of each mail."""

    kind: Literal["body"] = "body"


class Button(_Part):
    """A link that asks to be clicked."""

    kind: Literal["button"] = "button"
    label: Line = "Read more"
    url: Address = ""
    align: Align = "left"
    is_wide: bool = False


class Image(_Part):
    """A picture; `alt` says what it shows to whoever does not see it."""

    kind: Literal["image"] = "image"
    url: Address = ""
    alt: Line = ""
    link: Address = ""
    width: int = Field(default=552, ge=40, le=600)
    align: Align = "center"


class Logo(_Part):
    """The logo of the brand, or its name where there is none."""

    kind: Literal["logo"] = "logo"
    link: Address = ""
    width: int = Field(default=140, ge=40, le=400)
    align: Align = "left"


class Divider(_Part):
    """A thin line."""

    kind: Literal["divider"] = "divider"


class Spacer(_Part):
    """Room; its height is in pixels."""

    kind: Literal["spacer"] = "spacer"
    height: int = Field(default=24, ge=4, le=160)


class Column(_Part):
    """One of the columns: each part is left out when it is empty."""

    image_url: Address = ""
    image_alt: Line = ""
    heading: Line = ""
    text: Words = ""
    button_label: Line = ""
    button_url: Address = ""


class Columns(_Part):
    """Two or three columns, one below the other on a phone."""

    kind: Literal["columns"] = "columns"
    columns: tuple[Column, ...] = Field(default=(Column(), Column()), min_length=2, max_length=3)


class List(_Part):
    """Points, one below the other."""

    kind: Literal["list"] = "list"
    items: tuple[Line, ...] = Field(default=(), max_length=50)
    is_numbered: bool = False


class SocialLink(_Part):
    """Where else the sender is found."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    url: Address


class Social(_Part):
    """Links to the sender's profiles, as words: pictures of others would watch the reader."""

    kind: Literal["social"] = "social"
    links: tuple[SocialLink, ...] = Field(default=(), max_length=10)
    align: Align = "center"


Block = Annotated[
    Heading | Text | Body | Button | Image | Logo | Divider | Spacer | Columns | List | Social,
    Field(discriminator="kind"),
]
BLOCKS: TypeAdapter[list[Block]] = TypeAdapter(list[Block])


class Look(_Part):
    """Colours, font and logo; what is None comes from the brand kit."""

    colour: Colour | None = None
    text_colour: Colour = "#1f2330"
    ground: Colour = "#f4f4f7"
    surface: Colour = "#ffffff"
    font: Font = "system"
    logo_url: Address | None = None
    is_framed: bool = True


class DesignDraft(BaseModel):
    """A design as the editor sends it."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    blocks: Annotated[list[Block], Field(max_length=MOST_BLOCKS)]
    look: Look = Look()


class Design(BaseModel):
    """A design as it is kept."""

    id: UUID
    team_id: UUID
    name: str
    blocks: list[Block]
    look: Look
    created_at: datetime
    updated_at: datetime


class DesignRow(BaseModel):
    """A line of the list; `used_by` counts the mails that look like it."""

    id: UUID
    name: str
    updated_at: datetime
    used_by: int


class Brand(BaseModel):
    """Who writes, in the colours of their brand kit."""

    model_config = ConfigDict(frozen=True)

    name: str
    colour: str = "#2f6fed"
    logo_url: str | None = None
    postal_address: str | None = None
    postscript: str | None = None


class Reader(BaseModel):
    """Whom a preview is for."""

    id: UUID
    email: str
    first_name: str | None
    last_name: str | None
    company: str | None
