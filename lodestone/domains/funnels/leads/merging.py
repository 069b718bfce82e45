"""Leads that are one person: found, merged after a look at the result, and taken apart again."""

from collections.abc import Sequence
from uuid import UUID

from lodestone.domains.funnels.leads import rules
from lodestone.domains.funnels.leads.models import DuplicateGroup, Merge, Mergeable
from lodestone.domains.funnels.leads.queries import merging
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound

GROUPS_SHOWN = 50


async def find_duplicates(tx: Tx, *, scope: Scope) -> list[DuplicateGroup]:
    """Return groups of a workspace's leads that are probably one person, the largest first."""
    rows = await merging.list_duplicates(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        free_mail=rules.FREE_MAIL,
        most_members=rules.MOST_MERGED,
        limit=GROUPS_SHOWN,
    )
    every = [lead_id for row in rows for lead_id in row["lead_ids"]]
    known = {lead.id: lead for lead in await list_mergeable(tx, lead_ids=every)}
    return [
        DuplicateGroup(reason=row["reason"], leads=[known[each] for each in row["lead_ids"]])
        for row in rows
    ]


async def list_mergeable(tx: Tx, *, lead_ids: Sequence[UUID]) -> list[Mergeable]:
    """Return leads as a merge sees them, the oldest first; invisible ones are left out."""
    rows = await merging.list_mergeable(tx, lead_ids=lead_ids)
    return [Mergeable.model_validate(dict(row)) for row in rows]


async def get_group(tx: Tx, *, lead_ids: Sequence[UUID]) -> list[Mergeable]:
    """Return leads that may be merged.

    Raises NotFound when one is invisible, InvalidInput when there are too few or too many, or they
    are of two workspaces, Conflict when another lead stands for one of them already.
    """
    wanted = set(lead_ids)
    if not 2 <= len(wanted) <= rules.MOST_MERGED:
        raise InvalidInput(
            f"Choose two to {rules.MOST_MERGED} leads.",
            fields={"ids": f"Choose two to {rules.MOST_MERGED}."},
        )
    leads = await list_mergeable(tx, lead_ids=list(wanted))
    if len(leads) < len(wanted):
        raise NotFound("There is no such lead.")
    if len({lead.team_id or lead.user_id for lead in leads}) > 1:
        raise InvalidInput(
            "These leads are of two workspaces.", fields={"ids": "Choose leads of one workspace."}
        )
    if any(lead.merged_into_id is not None for lead in leads):
        raise Conflict("One of these has been merged already. Look at the list again.")
    return leads


async def merge_leads(tx: Tx, *, kept_id: UUID, lead_ids: Sequence[UUID]) -> UUID:
    """Let one lead stand for all of these; return the merge, which can be undone.

    Every page keeps its own lead, so no count changes. Raises as `get_group`.
    """
    await merging.lock_leads(tx, lead_ids=list(lead_ids))
    leads = await get_group(tx, lead_ids=lead_ids)
    kept = next((lead for lead in leads if lead.id == kept_id), None)
    if kept is None:
        raise InvalidInput(
            "Choose which of them stays.", fields={"kept_id": "Choose one of these leads."}
        )
    others = [lead for lead in leads if lead.id != kept_id]
    filled = rules.fill_blanks(kept, others)
    merge_id = await merging.insert_merge(
        tx, user_id=kept.user_id, team_id=kept.team_id, kept_id=kept.id, filled=filled
    )
    await merging.move_parts(
        tx,
        merge_id=merge_id,
        kept_id=kept.id,
        part_ids=[lead.id for lead in others],
        filled=filled,
    )
    return merge_id


async def undo_merge(tx: Tx, *, merge_id: UUID) -> UUID:
    """Take a merge apart; return the lead that stood for all.

    What the merge filled in goes, unless somebody has changed it since. Raises NotFound, Conflict
    when it is undone already or a later merge has moved its leads on.
    """
    row = await merging.lock_merge(tx, merge_id=merge_id)
    if row["undone_at"] is not None:
        raise Conflict("This merge has been undone already.")
    if not row["is_latest"]:
        raise Conflict("A later merge has these leads. Undo that one first.")
    await merging.undo_merge(tx, merge_id=merge_id)
    kept_id: UUID = row["funnel_lead_id"]
    return kept_id


async def list_merges(tx: Tx, *, lead_id: UUID) -> list[Merge]:
    """Return the merges into a lead that stand, newest first."""
    rows = await merging.list_merges(tx, lead_id=lead_id)
    return [Merge.model_validate(dict(row)) for row in rows]


async def list_parts(tx: Tx, *, lead_id: UUID) -> list[Mergeable]:
    """Return the leads that a lead stands for, the oldest first."""
    rows = await merging.list_parts(tx, lead_id=lead_id)
    return [Mergeable.model_validate(dict(row)) for row in rows]
