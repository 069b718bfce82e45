"""The use cases of drafts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets.background_jobs.service import BackgroundJob, Kind
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.brand_kits.models import LISTS, BrandKit, Context
from lodestone.domains.lead_magnets.contents import service as contents
from lodestone.domains.lead_magnets.wizard import queries, rules
from lodestone.domains.lead_magnets.wizard.models import (
    MOST_CHARACTERS,
    Draft,
    DraftRow,
    PendingJob,
    WizardState,
    WizardStep,
)
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound

__all__ = [
    "Draft",
    "DraftChanged",
    "DraftRow",
    "WizardState",
    "WizardStep",
    "await_job",
    "delete_expired",
    "get_draft",
    "keep_for_job",
    "list_drafts",
    "publish",
    "put_away",
    "restore",
    "revise",
    "save_context",
    "start_draft",
    "stop_waiting",
]

KEPT_HOURS = 24
MOST_LISTED = 60
_CONTEXT_FIELDS = ("business_description", "business_type", "success_example", "preferred_tone")
Change = Callable[[WizardState], WizardState]


class DraftChanged(Conflict):
    """The draft has another version than the one that a save names: another tab was quicker."""

    code = "draft_changed"


async def start_draft(
    tx: Tx, *, draft_id: UUID, user_id: UUID, team_id: UUID | None, kit: BrandKit | None
) -> None:
    """Begin a draft with what the kit knows already; the same id twice begins one."""
    state = WizardState(brand_kit=context_of(kit))
    await queries.insert_draft(
        tx, draft_id=draft_id, user_id=user_id, team_id=team_id, state=state.to_json()
    )


def context_of(kit: BrandKit | None) -> dict[str, Any]:
    """Return what a kit says of the business, as a draft holds it."""
    if kit is None:
        return {}
    return kit.model_dump(mode="json", include={*_CONTEXT_FIELDS, *LISTS})


async def list_drafts(tx: Tx, *, scope: Scope) -> list[DraftRow]:
    """Return a workspace's drafts, the newest change first."""
    rows = await queries.list_drafts(
        tx, team_id=scope.home_team_id, author_id=scope.author_id, limit=MOST_LISTED
    )
    return [DraftRow.model_validate(dict(row)) for row in rows]


async def get_draft(tx: Tx, *, draft_id: UUID, is_put_away_too: bool = False) -> Draft:
    """Return a draft, one put away only when asked for.

    Raises NotFound when it is missing or invisible.
    """
    row = await queries.find_draft(tx, draft_id=draft_id, is_put_away_too=is_put_away_too)
    if row is None:
        raise NotFound("There is no such draft.")
    return _draft(dict(row))


def _draft(row: Mapping[str, Any]) -> Draft:
    return Draft(
        id=row["id"],
        user_id=row["user_id"],
        team_id=row["team_id"],
        state=rules.read_state(row["wizard_state"] or {}),
        version=row["updated_at"],
        created_at=row["created_at"],
    )


async def revise(tx: Tx, *, draft_id: UUID, version: datetime, change: Change) -> Draft:
    """Change a draft that still has the version, and return it with its new one.

    Raises: NotFound, DraftChanged when it has another, InvalidInput above 500,000 characters.
    """
    draft = await get_draft(tx, draft_id=draft_id)
    if draft.version != version:
        raise _changed(draft.version)
    return await _write(tx, draft, change(draft.state), version=version)


async def _write(tx: Tx, draft: Draft, state: WizardState, *, version: datetime | None) -> Draft:
    stored = state.to_json()
    if len(state.model_dump_json(by_alias=True)) > MOST_CHARACTERS:
        sentence = f"A draft holds at most {MOST_CHARACTERS:,} characters."
        raise InvalidInput(sentence, fields={"draft": sentence})
    changed = await queries.update_draft(
        tx, draft_id=draft.id, version=version, state=stored, title=rules.title_of(state)
    )
    if changed is None:
        raise _changed(None)
    return draft.model_copy(update={"state": state, "version": changed})


def _changed(now: datetime | None) -> DraftChanged:
    return DraftChanged(
        "This draft was changed in another tab since you opened it.",
        details={"version": now.isoformat() if now else None},
        hint="Load the newer one, or keep what is typed here.",
    )


async def save_context(tx: Tx, *, draft: Draft, user_id: UUID, given: Context) -> None:
    """Write the context of a draft to its workspace's kit."""
    await brand_kits.save_context(tx, user_id=user_id, team_id=draft.team_id, given=given)


async def await_job(tx: Tx, *, draft_id: UUID, job: BackgroundJob) -> None:
    """Note the work that a draft waits for. Raises: NotFound, Conflict while it waits already."""
    draft = await _lock(tx, draft_id)
    if draft.state.pending_job is not None:
        raise Conflict("This draft is being worked on already.")
    pending = PendingJob(job_id=job.id, job_type=job.kind, started_at=datetime.now(UTC))
    await _write(tx, draft, draft.state.model_copy(update={"pending_job": pending}), version=None)


async def stop_waiting(tx: Tx, *, draft_id: UUID) -> None:
    """Let a draft go on without the work that it waited for. Raises: NotFound."""
    draft = await _lock(tx, draft_id)
    if draft.state.pending_job is not None:
        state = draft.state.model_copy(update={"pending_job": None})
        await _write(tx, draft, state, version=None)


async def keep_for_job(tx: Tx, *, draft_id: UUID, job_id: UUID, change: Change) -> bool:
    """Write a job's result to the draft that waits for it, put away or not.

    False, and nothing is changed, when the draft is gone or waits for something else: the result
    then stays with the job.
    """
    row = await queries.lock_draft(tx, draft_id=draft_id, is_put_away_too=True)
    if row is None:
        return False
    draft = _draft(dict(row))
    pending = draft.state.pending_job
    if pending is None or pending.job_id != job_id:
        return False
    state = change(draft.state).model_copy(update={"pending_job": None})
    await _write(tx, draft, state, version=None)
    return True


async def _lock(tx: Tx, draft_id: UUID) -> Draft:
    row = await queries.lock_draft(tx, draft_id=draft_id)
    if row is None:
        raise NotFound("There is no such draft.")
    return _draft(dict(row))


async def put_away(tx: Tx, *, draft_id: UUID) -> None:
    """Hide a draft; it can be brought back for a day. Raises: NotFound."""
    if not await queries.put_away(tx, draft_id=draft_id, hours=KEPT_HOURS):
        raise NotFound("There is no such draft.")


async def restore(tx: Tx, *, draft_id: UUID) -> None:
    """Bring back a draft that was put away. Raises: NotFound when its day is over."""
    if not await queries.bring_back(tx, draft_id=draft_id):
        raise NotFound("This draft is gone for good.")


async def delete_expired(tx: Tx) -> int:
    """Delete the drafts whose day is over; return how many."""
    return await queries.delete_expired(tx)


async def publish(tx: Tx, *, draft_id: UUID, user_id: UUID, title: str, version: datetime) -> UUID:
    """Make the lead magnet of a draft, with all that was made for it, and delete the draft.

    The magnet takes the draft's id, so publishing twice makes one. Raises: NotFound, DraftChanged,
    Conflict before there is content, identity's UsageLimitExceeded.
    """
    row = await queries.lock_draft(tx, draft_id=draft_id)
    if row is None:
        if await queries.has_lead_magnet(tx, lead_magnet_id=draft_id):
            return draft_id
        raise NotFound("There is no such draft.")
    draft = _draft(dict(row))
    if draft.version != version:
        raise _changed(draft.version)
    owner = {"user_id": str(user_id), "team_id": str(draft.team_id) if draft.team_id else None}
    values = {**rules.magnet_values(draft.state, title=title), **owner}
    with identity.limits_told():
        await queries.insert_lead_magnet(tx, lead_magnet_id=draft_id, values=values)
    await contents.format_unpolished(tx, lead_magnet_id=draft_id)
    # After what is read was made: a tool is drafted beside it and not in the place of its words.
    tool = rules.draft_tool(draft.state)
    if tool is not None:
        await contents.patch_generated(tx, lead_magnet_id=draft_id, patch=tool)
    await queries.delete_draft(tx, draft_id=draft_id)
    return draft_id


KINDS_OF_STEP = {
    Kind.IDEATION: WizardStep.CONTEXT,
    Kind.QUESTIONS: WizardStep.IDEAS,
    Kind.EXTRACTION: WizardStep.ANSWERS,
    Kind.POSTS: WizardStep.CONTENT,
}
"""From which step each kind of work is begun; the others begin at the context."""
