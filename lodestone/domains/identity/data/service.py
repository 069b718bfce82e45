"""Asking for one's data, leaving, and staying after all."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from asyncpg import Record

from lodestone.auth import accounts, letters
from lodestone.auth import service as auth
from lodestone.auth.endings import service as endings
from lodestone.auth.models import SignedIn
from lodestone.auth.one_time.service import LinkUsedOrExpired
from lodestone.auth.users import service as users
from lodestone.domains.identity.administration.queries import audit
from lodestone.domains.identity.data import rules
from lodestone.domains.identity.data.models import (
    Deletion,
    DeletionState,
    Export,
    ExportState,
    Overview,
)
from lodestone.domains.identity.data.queries import deletions
from lodestone.domains.identity.data.queries import exports as queries
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound, Unauthorized

Enqueue = Callable[[Tx, UUID], Awaitable[int | None]]
"""Enqueues the job that makes an export, and returns its id."""

SHOWN = 10


async def get_overview(user: SignedIn) -> Overview:
    """Return what the screen of one's data shows."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        rows = await queries.list_exports(tx, user_id=user.user_id, limit=SHOWN)
        deletion = await deletions.find_open_deletion(tx, user_id=user.user_id)
        looks = await audit.list_looks(tx, subject_id=user.user_id, limit=SHOWN)
        return Overview(
            exports=[Export(**row) for row in rows],
            deletion=Deletion(**deletion) if deletion else None,
            blockers=await endings.find_blockers(tx, user_id=user.user_id),
            looks=[dict(row) for row in looks],
        )


async def request_export(user: SignedIn, *, enqueue: Enqueue) -> None:
    """Have everything that the account owns put into one file.

    Raises: Conflict while one is being made.
    """
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        if await start_export(tx, user_id=user.user_id, enqueue=enqueue) is None:
            raise Conflict("Your data is being put together already.")


async def start_export(tx: Tx, *, user_id: UUID, enqueue: Enqueue) -> UUID | None:
    """Begin an export of an account; None while another is being made."""
    export_id = await queries.insert_export(tx, user_id=user_id)
    if export_id is not None:
        job_id = await enqueue(tx, export_id)
        await queries.set_job(tx, export_id=export_id, job_id=job_id)
    return export_id


async def needs_code(user: SignedIn) -> bool:
    """Say whether the person has no password, so that a mailed code proves who they are."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return (await users.get_account(tx, user_id=user.user_id)).password_hash is None


async def send_code(user: SignedIn, *, address: str) -> None:
    """Mail a code that proves who somebody without a password is. Raises: RateLimited."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        account = await users.get_account(tx, user_id=user.user_id)
    await accounts.request_reauthentication(account=account, address=address)


async def request_deletion(
    user: SignedIn, *, password: str, code: str, address: str, enqueue: Enqueue
) -> Deletion:
    """Schedule the end of an account, and have its data put together first.

    Raises: InvalidInput when who asks is not proved, AccountHeld with the reasons, Conflict when it
    is scheduled already, RateLimited after too many tries.
    """
    await _prove(user, password=password, code=code, address=address)
    async with runtime.acting_as(Root()) as tx:
        held = await endings.find_blockers(tx, user_id=user.user_id)
        if held:
            raise endings.AccountHeld(held)
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        export_id = await start_export(tx, user_id=user.user_id, enqueue=enqueue)
        if export_id is None:
            export_id = await _current_export(tx, user.user_id)
        row = await deletions.insert_deletion(
            tx, user_id=user.user_id, export_id=export_id, days=rules.GRACE_DAYS
        )
        if row is None:
            raise Conflict("Your account is on its way out already.")
        await _note(tx, user.user_id, "account.deletion_requested")
        await letters.post_notice(
            tx,
            to=user.email,
            notice=letters.Notice.DELETION_SCHEDULED,
            link=f"{runtime.current().base_url}/app/account/data",
        )
    return Deletion(**row)


async def _current_export(tx: Tx, user_id: UUID) -> UUID | None:
    rows = await queries.list_exports(tx, user_id=user_id, limit=1)
    return rows[0]["id"] if rows else None


async def cancel_deletion(user: SignedIn) -> None:
    """Stay after all. Raises: NotFound when nothing is scheduled."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        if not await deletions.cancel_deletion(tx, user_id=user.user_id):
            raise NotFound("Nothing is scheduled.")
        await _note(tx, user.user_id, "account.deletion_cancelled")
        await letters.post_notice(tx, to=user.email, notice=letters.Notice.DELETION_CANCELLED)


async def list_due() -> list[tuple[UUID, UUID]]:
    """Return deletions whose day has come, with their accounts."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return [(row["id"], row["user_id"]) for row in await deletions.list_due(tx)]


async def carry_out(deletion_id: UUID, *, enqueue: Enqueue) -> bool:
    """Empty and close an account whose day has come; say whether it is done with.

    Its data must have been put together before: until then it waits. What keeps it is looked at
    anew, and told to the person. Taken back or done before, it does nothing.
    """
    async with runtime.acting_as(Root()) as tx:
        due = await deletions.lock_due(tx, deletion_id=deletion_id)
        if due is None:
            return True
        held = await endings.find_blockers(tx, user_id=due["user_id"])
        if held:
            await _block(tx, due, held)
            return True
        if due["export_state"] not in (ExportState.READY, ExportState.REMOVED):
            if due["export_state"] != ExportState.QUEUED:
                export_id = await start_export(tx, user_id=due["user_id"], enqueue=enqueue)
                await deletions.set_export(tx, deletion_id=deletion_id, export_id=export_id)
            return False
        emptied = await endings.empty_account(tx, user_id=due["user_id"])
        await deletions.set_done(tx, deletion_id=deletion_id, kept=emptied["kept"])
        await audit.insert_entry(
            tx,
            actor_id=None,
            subject_id=due["user_id"],
            action="account.deleted",
            details={"removed": emptied["removed"], "kept": emptied["kept"]},
        )
        await letters.post_notice(tx, to=due["email"], notice=letters.Notice.ACCOUNT_DELETED)
    return True


async def _block(tx: Tx, due: Record, held: list[str]) -> None:
    await deletions.set_blocked(tx, deletion_id=due["id"], blockers=held)
    if due["state"] == DeletionState.SCHEDULED:
        await letters.post_notice(
            tx,
            to=due["email"],
            notice=letters.Notice.DELETION_BLOCKED,
            link=f"{runtime.current().base_url}/app/account/data",
        )


async def _prove(user: SignedIn, *, password: str, code: str, address: str) -> None:
    async with runtime.acting_as(Root(), readonly=True) as tx:
        account = await users.get_account(tx, user_id=user.user_id)
    if account.password_hash is None:
        try:
            await accounts.verify_reauthentication(account=account, code=code, address=address)
        except LinkUsedOrExpired as error:
            sentence = "This code is wrong, was used, or has expired."
            raise InvalidInput(sentence, fields={"code": sentence}) from error
        return
    try:
        await auth.check_password(email=account.email, password=password, address=address)
    except Unauthorized as error:
        sentence = "This is not your password."
        raise InvalidInput(sentence, fields={"password": sentence}) from error


async def _note(tx: Tx, user_id: UUID, action: str) -> None:
    await audit.insert_entry(tx, actor_id=user_id, subject_id=user_id, action=action, details={})
