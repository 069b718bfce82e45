"""End an account: whole where it holds nothing, else without the person."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from lodestone.auth.endings import queries
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict


class AccountHeld(Conflict):
    """Something has to be settled before the account can go; `details` has the sentences."""

    code = "account_held"

    def __init__(self, held: Sequence[str]) -> None:
        sentence = f"Something has to be settled first, as its owner reads: {' '.join(held)}"
        super().__init__(sentence, details={"blockers": list(held)})


async def find_blockers(tx: Tx, *, user_id: UUID) -> list[str]:
    """Return, in sentences, what keeps an account from being deleted."""
    plan = await queries.find_live_plan(tx, user_id=user_id)
    return _sentences(
        teams=[dict(row) for row in await queries.list_shared_teams(tx, user_id=user_id)],
        plan=dict(plan) if plan else None,
        is_last_admin=await queries.is_last_super_admin(tx, user_id=user_id),
    )


async def empty_account(tx: Tx, *, user_id: UUID) -> dict[str, Any]:
    """Take the person out of their account; return what went (`removed`) and stayed (`kept`)."""
    return await queries.empty_account(tx, user_id=user_id)


async def delete_account(tx: Tx, *, user_id: UUID) -> None:
    """Delete an account, as somebody does who holds the service key.

    One that holds nothing beyond what was made with it is gone. Of any other the person is gone:
    leads, history and money never vanish with an account. Raises: AccountHeld.
    """
    held = await find_blockers(tx, user_id=user_id)
    if held:
        raise AccountHeld(held)
    await queries.begin_trying(tx)
    try:
        await queries.delete_account(tx, user_id=user_id)
    except asyncpg.IntegrityConstraintViolationError:
        await queries.undo_trying(tx)
        emptied = await empty_account(tx, user_id=user_id)
        await queries.insert_note(tx, user_id=user_id, details=emptied)


def _sentences(
    *, teams: Sequence[Mapping[str, Any]], plan: Mapping[str, Any] | None, is_last_admin: bool
) -> list[str]:
    """Return, in sentences, what keeps an account from being deleted."""
    found = [
        f"You own {team['name']}, where {team['people']} other"
        f" {'person works' if team['people'] == 1 else 'people work'}."
        " Hand it over, or remove them first."
        for team in teams
    ]
    if plan is not None:
        found.append(f"Your {plan['plan']} plan is paid for by Stripe. Cancel it first.")
    if is_last_admin:
        found.append("You are the last super admin. Make somebody else one first.")
    return found
