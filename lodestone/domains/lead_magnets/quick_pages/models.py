"""What the quick way asks for."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from lodestone.domains.lead_magnets.models import Title


class QuickPage(BaseModel):
    """A title, and what it is about; headings in the description become sections."""

    title: Title
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] = ""


class QuickPageMade(BaseModel):
    """What came of it."""

    lead_magnet_id: UUID
    funnel_page_id: UUID
