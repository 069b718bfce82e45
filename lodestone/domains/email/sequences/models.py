"""What welcome mails are, and what their screens take and return."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from lodestone.domains.email.designs import fields

MOST_MAILS = 30


class SequenceStatus(StrEnum):
    """Whether new opt-ins get the mails; `synced` is an earlier word for draft."""

    DRAFT = "draft"
    SYNCED = "synced"
    ACTIVE = "active"


class WelcomeMail(BaseModel):
    """One mail; `reply_trigger` is what the reader is asked to answer."""

    model_config = ConfigDict(populate_by_name=True)

    day: Annotated[int, Field(ge=0, le=365, validation_alias=AliasChoices("day", "delay_days"))]
    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]
    reply_trigger: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("replyTrigger", "reply_trigger"),
            serialization_alias="replyTrigger",
            max_length=200,
        ),
    ] = ""

    @field_validator("subject")
    @classmethod
    def _on_one_line(cls, subject: str) -> str:
        return " ".join(subject.split())

    def kept(self) -> dict[str, Any]:
        """Return the mail as the column holds it."""
        return self.model_dump(mode="json", by_alias=True)


class WrittenMail(WelcomeMail):
    """A mail as a model wrote it: its fields are known."""

    @field_validator("subject", "body")
    @classmethod
    def _has_known_fields(cls, text: str) -> str:
        problems = fields.list_problems(text, {**fields.FALLBACKS, **fields.RESOURCE_FIELDS})
        if problems:
            raise ValueError(problems[0])
        return text


class Welcome(BaseModel):
    """The five mails that a model returns, on days 0 to 4."""

    emails: Annotated[list[WrittenMail], Field(min_length=5, max_length=5)]

    @field_validator("emails")
    @classmethod
    def _come_day_by_day(cls, emails: list[WrittenMail]) -> list[WrittenMail]:
        if [mail.day for mail in emails] != [0, 1, 2, 3, 4]:
            raise ValueError("The mails are for the days 0, 1, 2, 3 and 4.")
        return emails


class Sequence(BaseModel):
    """The welcome mails of a lead magnet as they are kept."""

    id: UUID
    lead_magnet_id: UUID
    user_id: UUID
    team_id: UUID | None
    status: SequenceStatus
    emails: list[WelcomeMail]
    written_by: str
    updated_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Return whether new opt-ins get the mails."""
        return self.status is SequenceStatus.ACTIVE
