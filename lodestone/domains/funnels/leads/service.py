"""The use cases of the list of leads: finding, exporting, looking, putting away, what became."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from lodestone.domains.funnels.leads import rules
from lodestone.domains.funnels.leads.models import (
    Cursor,
    ExportedLead,
    Happening,
    Lead,
    LeadDetail,
    Narrowing,
    OutcomeCreate,
    OutcomeKind,
    Sort,
)
from lodestone.domains.funnels.leads.queries import listing, merging
from lodestone.domains.identity.service import Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Actor
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound

MOST_COUNTED = 1_000
"""Beyond it the list says "more than", so that it costs the same however many there are."""

MOST_OPTIONS = 100
BATCH = 2_000
TIMELINE = 200


async def list_leads(
    tx: Tx,
    *,
    scope: Scope,
    given: Narrowing,
    sort: Sort,
    descending: bool,
    cursor: Cursor | None,
    limit: int,
) -> tuple[list[Lead], bool]:
    """Return the leads behind or before a place, and whether there are more that way."""
    rows = await listing.list_leads(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        given=given,
        sort=sort,
        descending=descending,
        cursor=cursor,
        limit=limit + 1,
    )
    leads = [Lead.model_validate(dict(row)) for row in rows[:limit]]
    if cursor is not None and cursor.is_before:
        leads.reverse()
    return leads, len(rows) > limit


async def count_leads(tx: Tx, *, scope: Scope, given: Narrowing) -> int:
    """Count leads, up to one more than `MOST_COUNTED`."""
    return await listing.count_leads(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        given=given,
        most=MOST_COUNTED,
    )


async def list_sources(tx: Tx, *, scope: Scope) -> list[str]:
    """Return where leads came from, most first."""
    return await listing.list_sources(
        tx, team_id=scope.home_team_id, author_id=scope.author_id, limit=MOST_OPTIONS
    )


async def list_magnets(tx: Tx, *, scope: Scope) -> list[tuple[UUID, str]]:
    """Return the magnets that leads may have asked for, by title."""
    rows = await listing.list_magnets(
        tx, team_id=scope.home_team_id, author_id=scope.author_id, limit=MOST_OPTIONS
    )
    return [(row["id"], row["title"]) for row in rows]


async def export_leads(
    actor: Actor, *, scope: Scope, given: Narrowing
) -> AsyncIterator[list[ExportedLead]]:
    """Yield all leads, newest first, some thousand at a time, each in a transaction of its own.

    Memory stays flat and no transaction lasts as long as the download.
    """
    cursor: Cursor | None = None
    while True:
        async with runtime.reading_as(actor) as tx:
            rows = await listing.list_leads(
                tx,
                team_id=scope.home_team_id,
                author_id=scope.author_id,
                given=given,
                sort=Sort.CREATED,
                descending=True,
                cursor=cursor,
                limit=BATCH,
                is_export=True,
            )
        if rows:
            yield [ExportedLead.model_validate(dict(row)) for row in rows]
        if len(rows) < BATCH:
            return
        cursor = Cursor(rows[-1]["created_at"].isoformat(), rows[-1]["id"])


def cursor_of(lead: Lead, sort: Sort, *, is_before: bool = False) -> Cursor:
    """Return the place of a lead in a list."""
    value = {
        Sort.CREATED: lead.created_at.isoformat(),
        Sort.NAME: lead.shown_name.lower(),
    }[sort]
    return Cursor(value, lead.id, is_before)


async def get_lead(tx: Tx, *, lead_id: UUID) -> LeadDetail:
    """Return a lead. Raises NotFound when it is missing or invisible."""
    return LeadDetail.model_validate(dict(await listing.get_lead(tx, lead_id=lead_id)))


async def list_answers(tx: Tx, *, lead: LeadDetail) -> list[tuple[str, str]]:
    """Return the questions that a lead answered, so far or for good, with the answers."""
    answers = lead.answers if lead.answered_at is not None else lead.partial
    if not answers:
        return []
    now = await listing.list_question_texts(tx, question_ids=[UUID(key) for key in answers])
    return rules.pair_answers(answers, {**now, **lead.texts}, order=list(now))


async def list_happenings(tx: Tx, *, lead_id: UUID) -> list[Happening]:
    """Return what happened to a person, newest first."""
    rows = await listing.list_happenings(tx, lead_id=lead_id, limit=TIMELINE)
    return [Happening.model_validate(dict(row)) for row in rows]


async def archive_leads(
    tx: Tx, *, scope: Scope, lead_ids: Sequence[UUID]
) -> tuple[int, datetime | None]:
    """Put leads of a workspace out of sight; return how many, and the time that undoes it."""
    return await listing.set_archived(
        tx,
        user_id=scope.user_id,
        team_ids=_teams(scope),
        lead_ids=list(lead_ids),
        is_archived=True,
    )


async def restore_leads(tx: Tx, *, scope: Scope, lead_ids: Sequence[UUID]) -> int:
    """Put leads of a workspace back; return how many."""
    count, _ = await listing.set_archived(
        tx,
        user_id=scope.user_id,
        team_ids=_teams(scope),
        lead_ids=list(lead_ids),
        is_archived=False,
    )
    return count


async def undo_archiving(tx: Tx, *, scope: Scope, archived_at: datetime) -> int:
    """Put back what was put away at a time; return how many."""
    return await listing.restore_archived(
        tx, user_id=scope.user_id, team_ids=_teams(scope), archived_at=archived_at
    )


async def note_outcome(
    tx: Tx,
    *,
    lead_ids: Sequence[UUID],
    given: OutcomeCreate,
    source: str = "person",
) -> int:
    """Note a booking or money of leads, which the writer may see; return how many are new.

    Raises InvalidInput for money without an amount.
    """
    is_money = given.kind is OutcomeKind.REVENUE
    if is_money and not given.amount_cents:
        raise InvalidInput("How much was it?", fields={"amount_cents": "Give an amount."})
    return await merging.insert_outcomes(
        tx,
        lead_ids=lead_ids,
        kind=given.kind,
        amount_cents=given.amount_cents if is_money else None,
        currency=given.currency if is_money else None,
        source=source,
        happened_at=given.happened_at or datetime.now(UTC),
        note=given.note or None,
        dedupe_key=given.key,
    )


async def take_back_outcome(tx: Tx, *, lead_id: UUID, outcome_id: UUID) -> None:
    """Take a person's word on a lead back. Raises NotFound."""
    await merging.delete_outcome(tx, lead_id=lead_id, outcome_id=outcome_id)


async def require_leads(tx: Tx, *, lead_ids: Sequence[UUID]) -> None:
    """Raise NotFound unless the actor sees every one of these leads."""
    found = await merging.list_mergeable(tx, lead_ids=lead_ids)
    if len(found) < len(set(lead_ids)):
        raise NotFound("There is no such lead.")


def _teams(scope: Scope) -> list[UUID]:
    return [scope.home_team_id] if scope.home_team_id else []
