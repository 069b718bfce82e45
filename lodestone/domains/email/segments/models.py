"""Filters of subscribers: conditions, and groups of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

Value = str | int | date | UUID | None


class Join(StrEnum):
    """How the parts of a group belong together."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is true of somebody; `key` names which custom field, question or the like."""

    field: str
    op: str
    value: Value = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which all or any hold, or (`is_negated`) do not. Without parts everybody is in."""

    join: Join
    parts: tuple["Group | Condition", ...] = ()
    is_negated: bool = False


class SegmentCreate(BaseModel):
    """A segment to keep."""

    name: str = Field(min_length=1, max_length=100)
    filter: dict[str, Any]


class Segment(BaseModel):
    """A named group of subscribers."""

    id: UUID
    team_id: UUID
    name: str
    filter: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Audience(BaseModel):
    """How many people a filter means, of how many there are."""

    count: int
    total: int
