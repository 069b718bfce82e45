"""What super admins see and do. Every use case takes the admin, and notes what it changed.

Who comes is checked where the request arrives (`CurrentSuperAdmin`) and here again.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from lodestone.auth import letters
from lodestone.auth.models import SignedIn
from lodestone.auth.one_time import service as one_time
from lodestone.auth.one_time.models import Kind
from lodestone.auth.viewing import service as viewing
from lodestone.domains.identity.administration import rules
from lodestone.domains.identity.administration.models import (
    AccountPage,
    AccountQuery,
    AccountRow,
    AuditEntry,
    Plan,
    Totals,
)
from lodestone.domains.identity.administration.queries import accounts, audit, installation
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, NotFound

BETA = "beta"
MOST_EXPORTED = 50_000
ENTRIES_SHOWN = 20


async def list_accounts(
    admin: SignedIn, query: AccountQuery, *, limit: int, offset: int = 0
) -> tuple[list[AccountRow], int]:
    """Return a page of accounts, and how many there are."""
    async with _reading(admin) as tx:
        rows = await accounts.list_accounts(tx, query, limit=limit, offset=offset)
        total = await accounts.count_accounts(tx, query)
    return [AccountRow(**row) for row in rows], total


async def get_totals(admin: SignedIn) -> Totals:
    """Return the numbers above the list."""
    async with _reading(admin) as tx:
        return Totals(**await accounts.get_totals(tx))


async def get_account(admin: SignedIn, *, user_id: UUID) -> AccountPage:
    """Return everything that an account's page shows. Raises: NotFound."""
    async with _reading(admin) as tx:
        account = await accounts.get_account(tx, user_id=user_id)
        entries = await audit.list_entries(
            tx,
            search=None,
            kind=None,
            subject_id=user_id,
            direction="desc",
            limit=ENTRIES_SHOWN,
            offset=0,
        )
        sessions = await accounts.list_sessions(tx, user_id=user_id)
        activity = await accounts.list_activity(tx, user_id=user_id, limit=ENTRIES_SHOWN)
        return AccountPage(
            account=dict(account),
            usage=[dict(row) for row in await accounts.list_usage(tx, user_id=user_id)],
            teams=[dict(row) for row in await accounts.list_teams(tx, user_id=user_id)],
            sessions=[dict(row) for row in sessions],
            content=dict(await accounts.count_content(tx, user_id=user_id)),
            activity=[dict(row) for row in activity],
            audit=[AuditEntry(**row) for row in entries],
        )


async def change_plan(admin: SignedIn, *, user_id: UUID, plan: Plan) -> None:
    """Give an account a plan by hand. Raises: Conflict while Stripe bills it, NotFound."""
    async with _changing(admin) as tx:
        await accounts.lock_account(tx, user_id=user_id)
        changed = await accounts.set_plan(tx, user_id=user_id, plan=plan)
        if changed is None:
            raise Conflict(
                "Stripe bills this account: change its plan in Stripe.",
                hint="What is changed there arrives here by itself.",
            )
        await note(
            tx, admin, "plan.changed", user_id, {"from": changed["earlier"], "to": plan.value}
        )


async def suspend(admin: SignedIn, *, user_id: UUID, reason: str) -> None:
    """Sign an account out everywhere and let it in no more.

    Raises: Conflict for oneself and for the last super admin, NotFound, InvalidInput.
    """
    reason = rules.clean_reason(reason)
    if user_id == admin.user_id:
        raise Conflict("You would lock yourself out.")
    async with _changing(admin) as tx:
        found = await accounts.lock_account(tx, user_id=user_id)
        if found["is_suspended"]:
            raise Conflict("This account is suspended already.")
        await accounts.set_suspended(tx, user_id=user_id, is_suspended=True)
        await note(tx, admin, "account.suspended", user_id, {"reason": reason})


async def unsuspend(admin: SignedIn, *, user_id: UUID) -> None:
    """Let a suspended account in again. Raises: Conflict when it isn't suspended, NotFound."""
    async with _changing(admin) as tx:
        found = await accounts.lock_account(tx, user_id=user_id)
        if not found["is_suspended"]:
            raise Conflict("This account is not suspended.")
        await accounts.set_suspended(tx, user_id=user_id, is_suspended=False)
        await note(tx, admin, "account.unsuspended", user_id)


async def end_sessions(admin: SignedIn, *, user_id: UUID, session_id: UUID | None = None) -> int:
    """End one session of an account, or all; return how many. Raises: NotFound."""
    async with _changing(admin) as tx:
        await accounts.lock_account(tx, user_id=user_id)
        count = await accounts.delete_sessions(tx, user_id=user_id, session_id=session_id)
        if session_id is not None and not count:
            raise NotFound("There is no such session.")
        await note(tx, admin, "sessions.ended", user_id, {"sessions": count})
    return count


async def send_password_link(admin: SignedIn, *, user_id: UUID) -> str:
    """Mail the person a single-use link to set a password; return their address.

    Raises: NotFound, Conflict while the account is suspended.
    """
    async with _changing(admin) as tx:
        found = await accounts.lock_account(tx, user_id=user_id)
        if found["is_suspended"]:
            raise Conflict("The account is suspended: the link would open nothing.")
        address: str = found["email"]
        issued = await one_time.issue(tx, user_id=user_id, kind=Kind.RECOVERY, email=address)
        link = letters.console_link(Kind.RECOVERY, issued.token)
        await letters.post_link(tx, to=address, kind=Kind.RECOVERY, issued=issued, link=link)
        await note(tx, admin, "account.reset_sent", user_id)
    return address


async def grant_super_admin(admin: SignedIn, *, user_id: UUID) -> None:
    """Make somebody a super admin. Raises: Conflict when they are or can't sign in, NotFound."""
    async with _changing(admin) as tx:
        found = await accounts.lock_account(tx, user_id=user_id)
        if found["is_super_admin"] or found["is_suspended"]:
            raise Conflict(
                "This account is suspended."
                if found["is_suspended"]
                else "They are a super admin already."
            )
        await accounts.set_super_admin(tx, user_id=user_id, is_super_admin=True)
        await note(tx, admin, "super_admin.granted", user_id)


async def revoke_super_admin(admin: SignedIn, *, user_id: UUID) -> None:
    """Take the rank of super admin, one's own too, but never that of the last one.

    Raises: Conflict when they have none, NotFound; asyncpg.PostgresError (LS409) for the last.
    """
    async with _changing(admin) as tx:
        found = await accounts.lock_account(tx, user_id=user_id)
        if not found["is_super_admin"]:
            raise Conflict("They are no super admin.")
        await accounts.set_super_admin(tx, user_id=user_id, is_super_admin=False)
        await note(tx, admin, "super_admin.revoked", user_id)


async def start_look(admin: SignedIn, *, user_id: UUID, reason: str) -> None:
    """Look with another account's eyes for half an hour, for a reason, without changing anything.

    Raises: InvalidInput without a reason; Conflict for a super admin's account and one's own.
    """
    reason = rules.clean_reason(reason)
    async with _changing(admin) as tx:
        found = await accounts.lock_account(tx, user_id=user_id)
        if found["is_super_admin"]:
            raise Conflict("Nobody looks with the eyes of a super admin.")
        await viewing.start_view(
            tx, session_id=admin.session_id, user_id=user_id, seconds=rules.LOOK_MINUTES * 60
        )
        await note(tx, admin, "view.started", user_id, {"reason": reason})


async def allow_changes(looking: SignedIn) -> None:
    """Let the look at hand change things too. Raises: NotFound when no look goes on."""
    admin_id, user_id = _look_of(looking)
    async with runtime.acting_as(Root()) as tx:
        await viewing.allow_writing_in_view(tx, session_id=looking.session_id)
        await audit.insert_entry(
            tx,
            actor_id=admin_id,
            subject_id=user_id,
            action="view.writing_allowed",
            details={},
        )


async def end_look(looking: SignedIn) -> UUID:
    """Be oneself again; return whose eyes it was. Raises: NotFound when no look goes on."""
    admin_id, user_id = _look_of(looking)
    async with runtime.acting_as(Root()) as tx:
        if await viewing.end_view(tx, session_id=looking.session_id) is not None:
            await audit.insert_entry(
                tx, actor_id=admin_id, subject_id=user_id, action="view.ended", details={}
            )
    return user_id


async def list_audit(
    admin: SignedIn,
    *,
    search: str | None = None,
    kind: str | None = None,
    subject_id: UUID | None = None,
    direction: str = "desc",
    limit: int,
    offset: int = 0,
) -> tuple[list[AuditEntry], int]:
    """Return a page of the audit, and how many entries there are."""
    async with _reading(admin) as tx:
        rows = await audit.list_entries(
            tx,
            search=search,
            kind=kind,
            subject_id=subject_id,
            direction=direction,
            limit=limit,
            offset=offset,
        )
        total = await audit.count_entries(tx, search=search, kind=kind, subject_id=subject_id)
    return [AuditEntry(**row) for row in rows], total


async def is_beta(admin: SignedIn) -> bool:
    """Say whether the beta lifts every limit."""
    async with _reading(admin) as tx:
        return await installation.get_switch(tx, key=BETA) == "on"


async def switch_beta(admin: SignedIn, *, is_on: bool) -> None:
    """Lift every limit for everybody, or end that."""
    value = "on" if is_on else "off"
    async with _changing(admin) as tx:
        earlier = await installation.get_switch(tx, key=BETA) or "off"
        if earlier == value:
            return
        await installation.set_switch(tx, key=BETA, value=value)
        await note(tx, admin, "installation.switched", None, {"switch": BETA, "now": value})


async def note(
    tx: Tx,
    admin: SignedIn,
    action: str,
    subject_id: UUID | None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note what a super admin did, on the transaction that did it."""
    await audit.insert_entry(
        tx, actor_id=admin.user_id, subject_id=subject_id, action=action, details=details or {}
    )


@asynccontextmanager
async def _reading(admin: SignedIn) -> AsyncIterator[Tx]:
    _refuse_others(admin)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        yield tx


@asynccontextmanager
async def _changing(admin: SignedIn) -> AsyncIterator[Tx]:
    _refuse_others(admin)
    async with runtime.acting_as(Root()) as tx:
        yield tx


def _refuse_others(admin: SignedIn) -> None:
    if not admin.is_super_admin:
        raise NotFound("There is nothing at this address.")


def _look_of(looking: SignedIn) -> tuple[UUID, UUID]:
    if looking.viewing is None:
        raise NotFound("You are not looking with anybody's eyes.")
    return looking.viewing.admin_id, looking.user_id
