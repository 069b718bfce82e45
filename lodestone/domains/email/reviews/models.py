"""What the review queue shows and takes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints


class ReviewStatus(StrEnum):
    """Where a mail stands."""

    PENDING = "pending_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"
    FAILED = "failed"


class ReviewRow(BaseModel):
    """A line of the queue."""

    id: UUID
    recipient_email: str
    recipient_name: str | None
    subject: str
    status: ReviewStatus
    flow_name: str | None
    error_message: str | None
    created_at: datetime


class Review(ReviewRow):
    """A mail with what it was, what a model made of it, and what the reviewer did."""

    flow_id: UUID | None
    step_id: UUID | None
    contact_id: UUID | None
    team_id: UUID | None
    subject_original: str | None
    subject_edited: str | None
    body_original: str
    body_generated: str
    body_edited: str | None
    ai_context: dict[str, Any] | None
    model: str | None
    rejected_with: str | None
    run_number: int
    reviewed_at: datetime | None
    sent_at: datetime | None

    @property
    def final_subject(self) -> str:
        """Return the subject as it would be sent."""
        return self.subject_edited or self.subject

    @property
    def final_body(self) -> str:
        """Return the words as they would be sent."""
        return self.body_edited or self.body_generated


class ReviewEdit(BaseModel):
    """What a reviewer wrote."""

    subject: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\r\n]*$"
        ),
    ]
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]


class Piece(BaseModel):
    """A stretch of words, and whether the other text has it."""

    text: str
    change: Literal["same", "removed", "added"]
