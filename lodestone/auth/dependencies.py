"""What handlers ask for: who is signed in, and a transaction that acts as that person.

A page takes the session cookie. Under `/api/` a program may send an API key or an access token as
`Authorization: Bearer`; a request with that header is never let in by a cookie.

The transactions are `scope="function"`: they commit before the answer is sent, so an answer never
says that something happened which did not.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from lodestone.auth import service
from lodestone.auth.api_keys import service as api_keys
from lodestone.auth.bearers import service as bearers
from lodestone.auth.models import SignedIn
from lodestone.auth.viewing import service as viewing
from lodestone.platform import runtime, telemetry
from lodestone.platform.actors import Visitor
from lodestone.platform.database import Tx
from lodestone.platform.errors import Forbidden, NotFound, Unauthorized

COOKIE = "lodestone_session"
API = "/api/"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class SignInNeeded(Unauthorized):
    """Nobody is signed in: a page sends the person to the sign-in page, the API answers 401."""

    code = "sign_in_needed"


class ScopeMissing(Forbidden):
    """The key is good and may not do this."""

    code = "scope_missing"


async def find_current_user(request: Request) -> SignedIn | None:
    """Return who is signed in by cookie, or None; asked once per request."""
    state = request.state
    if not hasattr(state, "viewer"):
        token = request.cookies.get(COOKIE)
        found = await service.find_signed_in(token) if token else None
        state.viewer = None if found and found.viewing and found.viewing.is_over else found
        if found is not None:
            telemetry.bind_caller(user_id=found.user_id)
            await viewing.watch(found, method=request.method, path=_noted_path(request))
    viewer: SignedIn | None = state.viewer
    return viewer


def _noted_path(request: Request) -> str:
    """Return the path as it may be kept: one that holds the token of a link without the token."""
    path = request.url.path
    token = request.path_params.get("token")
    return path.replace(token, "{token}") if isinstance(token, str) and token else path


async def current_user(request: Request) -> SignedIn:
    """Return who is signed in.

    Raises: SignInNeeded when nobody is, or the credential is not good; ScopeMissing when a key that
    may only read asks for more; RateLimited when a key asks too often.
    """
    # A request that carries another credential is never let in by a cookie.
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _find_program(request, authorization)
    user = await find_current_user(request)
    if user is None:
        raise SignInNeeded("Sign in to go on.")
    return user


async def current_super_admin(request: Request) -> SignedIn:
    """Return the super admin who is signed in; to everybody else there is no such page.

    Raises: SignInNeeded when nobody is signed in, NotFound for people who are no super admin.
    """
    user = await current_user(request)
    if not user.is_super_admin or not user.may_administer:
        raise NotFound("There is nothing at this address.")
    return user


async def current_look(request: Request) -> SignedIn:
    """Return with whose eyes a super admin looks, for what steers the look.

    Raises: SignInNeeded when nobody is signed in, NotFound when no look goes on.
    """
    user = await find_current_user(request)
    if user is None:
        raise SignInNeeded("Sign in to go on.")
    if user.viewing is None:
        raise NotFound("You are not looking with anybody's eyes.")
    return user


CurrentUser = Annotated[SignedIn, Depends(current_user)]
CurrentLook = Annotated[SignedIn, Depends(current_look)]
CurrentSuperAdmin = Annotated[SignedIn, Depends(current_super_admin)]
MaybeUser = Annotated[SignedIn | None, Depends(find_current_user)]


async def account_holder(user: CurrentUser) -> SignedIn:
    """Return who is signed in, for what concerns the account itself: its keys, people and plan.

    Raises: ScopeMissing when a key without the scope `admin` asks; Forbidden when an admin looks on
    with this person's eyes.
    """
    if not user.may_administer:
        raise ScopeMissing("This takes a key with the scope admin.")
    if user.viewing is not None:
        raise Forbidden("This is for the person themselves: end the look to change your own.")
    return user


AccountHolder = Annotated[SignedIn, Depends(account_holder)]


async def _find_program(request: Request, authorization: str) -> SignedIn:
    if not request.url.path.startswith(API):
        raise SignInNeeded("This credential does not open this page.")
    state = request.state
    if not hasattr(state, "program"):
        state.program = await _find_bearer(authorization)
        telemetry.bind_caller(user_id=state.program.user_id)
    program: SignedIn = state.program
    is_readonly = program.holder is not None and program.holder.is_readonly
    if is_readonly and request.method not in _READING:
        raise ScopeMissing("This takes a key with the scope write.")
    return program


async def _find_bearer(authorization: str) -> SignedIn:
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise SignInNeeded("Send the key or token as `Authorization: Bearer …`.")
    if api_keys.is_key_shaped(token):
        holder = await api_keys.find_holder(token)
        if holder is None:
            raise SignInNeeded("The API key is unknown, revoked or expired.")
        return holder
    bearer = await bearers.find_holder(token)
    if bearer is None:
        raise SignInNeeded("The token is not good, or its session has ended.")
    return bearer


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
