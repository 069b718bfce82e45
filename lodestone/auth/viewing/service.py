"""What a super admin may do while looking with another account's eyes, and the record of it."""

from uuid import UUID

from lodestone.auth.models import SignedIn
from lodestone.auth.viewing import queries
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden

CONTROLS = "/app/admin/view/"
"""Where a look is ended, and writing allowed: open in every look."""

PERSONAL = ("/app/account", "/app/developer", "/app/billing", "/app/admin", "/api/account", "/data")
"""What nobody changes in another's name: password, factors, keys, payment, data, farewell.

The tables hold all of these, so they are read only in every look.
"""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class ViewOver(Conflict):
    """The time of a look is over: the session is the admin's own again."""

    code = "view_over"


class ViewReadOnly(Forbidden):
    """Something would change that the look does not allow to change."""

    code = "view_read_only"


async def watch(user: SignedIn, *, method: str, path: str) -> None:
    """Note a request of a look, with who looks and whose eyes these are; refuse what it may not.

    Raises: ViewOver once its time is over, ViewReadOnly for a change that was not allowed.
    """
    viewing = user.viewing
    if viewing is None or path.startswith(CONTROLS):
        return
    if viewing.is_over:
        async with runtime.acting_as(Root()) as tx:
            await end_view(tx, session_id=user.session_id)
        raise ViewOver(
            f"Your look at {user.email} has ended.", hint="You are yourself again. Go on from home."
        )
    writes = method not in _READING
    is_refused = writes and (not viewing.may_write or path.startswith(PERSONAL))
    async with runtime.acting_as(Root()) as tx:
        await queries.insert_audit(
            tx,
            admin_id=viewing.admin_id,
            user_id=user.user_id,
            action="view.refused" if is_refused else ("view.changed" if writes else "view.read"),
            details={"method": method, "path": path[:500]},
        )
    if not is_refused:
        return
    if viewing.may_write:
        raise ViewReadOnly(f"Only {user.email} can do this: it is personal.")
    raise ViewReadOnly(
        f"You are looking at {user.email}: nothing is changed.",
        hint="Allow changes in the bar at the top, if you have to make one.",
    )


async def start_view(tx: Tx, *, session_id: UUID, user_id: UUID, seconds: int) -> None:
    """Let a super admin's session look with another account's eyes for so long, without writing.

    Raises: asyncpg.PostgresError (LS403) when it is no super admin's, or the account is one's.
    """
    await queries.start_view(tx, session_id=session_id, user_id=user_id, seconds=seconds)


async def allow_writing_in_view(tx: Tx, *, session_id: UUID) -> None:
    """Let the look that goes on in this session change things too."""
    await queries.allow_writing_in_view(tx, session_id=session_id)


async def end_view(tx: Tx, *, session_id: UUID) -> UUID | None:
    """End a look; return with whose eyes it was, None when none went on."""
    return await queries.end_view(tx, session_id=session_id)
