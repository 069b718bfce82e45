"""What handlers ask for: who is signed in, and a transaction that acts as that person.

The transactions are `scope="function"`: they commit before the answer is sent, so an answer never
says that something happened which did not.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from lodestone.auth import service
from lodestone.auth.models import SignedIn
from lodestone.auth.viewing import service as viewing
from lodestone.platform import runtime, telemetry
from lodestone.platform.actors import Visitor
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound, Unauthorized

COOKIE = "lodestone_session"


class SignInNeeded(Unauthorized):
    """Nobody is signed in: a page sends the person to the sign-in page, the API answers 401."""

    code = "sign_in_needed"


async def find_current_user(request: Request) -> SignedIn | None:
    """Return who is signed in, or None; asked once per request."""
    state = request.state
    if not hasattr(state, "viewer"):
        token = request.cookies.get(COOKIE)
        found = await service.find_signed_in(token) if token else None
        state.viewer = None if found and found.viewing and found.viewing.is_over else found
        if found is not None:
            telemetry.bind_caller(user_id=found.user_id)
            await viewing.watch(found, method=request.method, path=request.url.path)
    viewer: SignedIn | None = state.viewer
    return viewer


async def current_user(request: Request) -> SignedIn:
    """Return who is signed in. Raises: SignInNeeded when nobody is."""
    # A request that carries another credential is never let in by a cookie.
    if "authorization" in request.headers:
        raise SignInNeeded("This credential does not open this page.")
    user = await find_current_user(request)
    if user is None:
        raise SignInNeeded("Sign in to go on.")
    return user


async def current_super_admin(request: Request) -> SignedIn:
    """Return the super admin who is signed in; to everybody else there is no such page.

    Raises: SignInNeeded when nobody is signed in, NotFound for people who are no super admin.
    """
    user = await current_user(request)
    if not user.is_super_admin:
        raise NotFound("There is nothing at this address.")
    return user


CurrentUser = Annotated[SignedIn, Depends(current_user)]
CurrentSuperAdmin = Annotated[SignedIn, Depends(current_super_admin)]
MaybeUser = Annotated[SignedIn | None, Depends(find_current_user)]


async def _user_tx(user: CurrentUser) -> AsyncIterator[Tx]:
    async with runtime.acting_as(user.actor) as tx:
        yield tx


async def _one_tx(user: CurrentUser) -> AsyncIterator[Tx]:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        yield tx


async def _read_tx(user: CurrentUser) -> AsyncIterator[Tx]:
    async with runtime.reading_as(user.actor) as tx:
        yield tx


async def _visitor_tx() -> AsyncIterator[Tx]:
    async with runtime.acting_as(Visitor()) as tx:
        yield tx


UserTx = Annotated[Tx, Depends(_user_tx, scope="function")]
OneTx = Annotated[Tx, Depends(_one_tx, scope="function")]
"""Read-only, never on a replica: one thing, which its person may have changed a moment ago."""
ReadTx = Annotated[Tx, Depends(_read_tx, scope="function")]
"""Read-only, on the replica when there is one: lists and charts."""
VisitorTx = Annotated[Tx, Depends(_visitor_tx, scope="function")]
