"""The use cases of segments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from lodestone.domains.email.segments import queries, rules
from lodestone.domains.email.segments.models import Audience, Group, Segment, SegmentCreate, Value
from lodestone.domains.email.segments.rules import EVERYBODY, from_audience, read_filter
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound

__all__ = [
    "EVERYBODY",
    "Audience",
    "Group",
    "Segment",
    "SegmentCreate",
    "compile_filter",
    "count_audience",
    "delete_segment",
    "from_audience",
    "get_segment",
    "keep_segment",
    "list_choices",
    "list_people",
    "list_segments",
    "read_filter",
    "tag_people",
    "untag_people",
]

_LONGEST_TAG = 50


def compile_filter(group: Group, *, first: int) -> tuple[str, list[Value]]:
    """Return a filter as a condition on `email_subscribers as s`, values bound from `$first` on."""
    return rules.to_sql(group, first=first)


async def count_audience(tx: Tx, *, team_id: UUID, group: Group) -> Audience:
    """Return how many active subscribers of a team a filter means, and how many there are."""
    condition, values = rules.to_sql(group, first=2)
    count, total = await queries.count_audience(
        tx, team_id=team_id, condition=condition, values=values
    )
    return Audience(count=count, total=total)


async def list_people(
    tx: Tx, *, team_id: UUID, group: Group, limit: int = 20
) -> list[dict[str, Any]]:
    """Return some of the people that a filter means, the newest first."""
    condition, values = rules.to_sql(group, first=3)
    rows = await queries.list_audience(
        tx, team_id=team_id, condition=condition, values=values, limit=limit
    )
    return [dict(row) for row in rows]


async def list_segments(tx: Tx, *, scope: Scope) -> list[Segment]:
    """Return a workspace's segments by name."""
    if scope.home_team_id is None:
        return []
    rows = await queries.list_segments(tx, team_id=scope.home_team_id)
    return [Segment.model_validate(dict(row)) for row in rows]


async def get_segment(tx: Tx, *, scope: Scope, segment_id: UUID) -> Segment:
    """Return a segment of the workspace. Raises NotFound."""
    team_id = _team(scope)
    row = await queries.get_segment(tx, team_id=team_id, segment_id=segment_id)
    return Segment.model_validate(dict(row))


async def keep_segment(
    tx: Tx, *, scope: Scope, given: SegmentCreate, segment_id: UUID | None = None
) -> UUID:
    """Keep a segment, or change the one with the id.

    Raises: InvalidInput for a filter that is none, or a name that is taken; NotFound.
    """
    team_id = _team(scope)
    rules.read_filter(given.filter)
    name = given.name.strip()
    taken = InvalidInput("This name is taken.", fields={"name": "There is such a segment."})
    if segment_id is not None:
        await queries.get_segment(tx, team_id=team_id, segment_id=segment_id)
        if await queries.find_segment_named(tx, team_id=team_id, name=name) not in (
            None,
            segment_id,
        ):
            raise taken
        await queries.update_segment(tx, segment_id=segment_id, name=name, filter_=given.filter)
        return segment_id
    tenant_id = await subscribers.get_tenant(team_id=team_id)
    made = await queries.insert_segment(
        tx,
        tenant_id=tenant_id,
        team_id=team_id,
        user_id=scope.user_id,
        name=name,
        filter_=given.filter,
    )
    if made is None:
        raise taken
    return made


async def delete_segment(tx: Tx, *, scope: Scope, segment_id: UUID) -> None:
    """Delete a segment of the workspace. Raises NotFound."""
    await queries.get_segment(tx, team_id=_team(scope), segment_id=segment_id)
    await queries.delete_segment(tx, segment_id=segment_id)


async def list_choices(tx: Tx, *, scope: Scope) -> dict[str, Any]:
    """Return what the builder of filters offers: fields, operators, tags, magnets, …"""
    team_id = _team(scope)
    tags = await queries.list_tags(tx, team_id=team_id)
    magnets = await queries.list_lead_magnets(tx, team_id=team_id, user_id=scope.user_id)
    broadcasts = await queries.list_broadcasts(tx, team_id=team_id)
    questions = await queries.list_questions(tx, user_id=scope.user_id)
    return {
        "fields": {
            name: {
                "label": field.label,
                "kind": field.kind,
                "ops": list(field.ops),
                "hasKey": field.has_key,
            }
            for name, field in rules.FIELDS.items()
        },
        "sources": list(rules.SOURCES),
        "tags": [row["tag"] for row in tags],
        "lead_magnets": [[str(row["id"]), row["title"]] for row in magnets],
        "broadcasts": [[str(row["id"]), row["subject"] or "Untitled"] for row in broadcasts],
        "questions": [[str(row["id"]), row["question_text"]] for row in questions],
    }


async def tag_people(tx: Tx, *, scope: Scope, subscriber_ids: Sequence[UUID], tag: str) -> int:
    """Tag people of the workspace's list; return how many had it not. Raises InvalidInput."""
    return await queries.add_tag(
        tx, team_id=_team(scope), subscriber_ids=subscriber_ids, tag=_tag(tag)
    )


async def untag_people(tx: Tx, *, scope: Scope, subscriber_ids: Sequence[UUID], tag: str) -> int:
    """Take a tag off people of the workspace's list; return how many had it."""
    return await queries.remove_tag(
        tx, team_id=_team(scope), subscriber_ids=subscriber_ids, tag=_tag(tag)
    )


def _tag(given: str) -> str:
    tag = " ".join(given.split())
    if not 0 < len(tag) <= _LONGEST_TAG or "\x00" in tag:
        raise InvalidInput(
            "This is no tag.", fields={"tag": f"A tag has 1 to {_LONGEST_TAG} characters."}
        )
    return tag


def _team(scope: Scope) -> UUID:
    if scope.home_team_id is None:
        raise NotFound("This workspace has no list.")
    return scope.home_team_id
