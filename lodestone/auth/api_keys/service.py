"""Making, listing and ending keys, and the one way to tell who holds one."""

import asyncio
import secrets
from uuid import UUID

import asyncpg
import structlog

from lodestone.auth.api_keys import queries
from lodestone.auth.api_keys.models import ApiKey, KeyRequest, KeyScope, NewKey
from lodestone.auth.models import SignedIn
from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import KeyHolder, Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound
from lodestone.platform.secrets import hash_token

PREFIX = "lsk_"
PREFIXES = (PREFIX, "ml_live_")
"""How keys begin: ours, and those of the product before."""

MOST_LIVE = 50
_RANDOM_BYTES = 32

_log = structlog.get_logger(__name__)
_notes: set[asyncio.Task[None]] = set()

# Whose key it is, is not known before its row is found: no narrower actor exists yet.
_BEFORE_IT_IS_KNOWN = Root()


def is_key_shaped(token: str) -> bool:
    """Say whether a bearer token is meant as a key: it is then good as a key, or not at all."""
    return token.startswith(PREFIXES)


async def find_holder(token: str) -> SignedIn | None:
    """Return for whom the key acts; None when it is unknown, revoked, expired or cut off.

    Counts the request. Raises: RateLimited when the key was used too often within a minute.
    """
    if not is_key_shaped(token):
        return None
    key_hash = hash_token(token)
    limit_key = ratelimit.digest_key(f"api key:{key_hash}")
    async with runtime.acting_as(_BEFORE_IT_IS_KNOWN) as tx:
        row = await queries.identify(tx, key_hash=key_hash, limit_key=limit_key)
    if row is None:
        return None
    ratelimit.refuse_while(row["wait_seconds"])
    if row["is_stale"]:
        _note_use(row["id"])
    scopes = row["scopes"]
    may_administer = KeyScope.ADMIN in scopes
    return SignedIn(
        user_id=row["user_id"],
        session_id=row["id"],
        email=row["email"],
        name=row["name"],
        username=row["username"],
        is_super_admin=row["is_super_admin"] and may_administer,
        holder=KeyHolder(
            row["user_id"],
            is_readonly=KeyScope.WRITE not in scopes,
            bound_team_id=row["bound_team_id"],
            may_administer=may_administer,
        ),
        may_administer=may_administer,
    )


async def find_actor(token: str) -> KeyHolder | None:
    """Return as whom the holder of a key uses the data API; None when the key is not good.

    Raises: RateLimited, as `find_holder`.
    """
    found = await find_holder(token)
    return found.holder if found else None


async def create_key(user: SignedIn, *, given: KeyRequest) -> NewKey:
    """Make a key for the person; its text is in the answer and nowhere else.

    Raises: InvalidInput when the team is none that they work in; Conflict when they have too many.
    """
    # Hexadecimal, as keys always were: whatever tells them apart elsewhere goes on working.
    key = PREFIX + secrets.token_hex(_RANDOM_BYTES)
    team_id = given.team_id or user.bound_team_id
    async with runtime.acting_as(_service(user)) as tx:
        await queries.lock_account(tx, user_id=user.user_id)
        await _refuse_foreign_team(tx, user, team_id)
        if await queries.count_live(tx, user_id=user.user_id) >= MOST_LIVE:
            raise Conflict(f"An account has at most {MOST_LIVE} keys. Revoke one first.")
        key_id = await queries.insert_key(
            tx,
            user_id=user.user_id,
            key_hash=hash_token(key),
            last_four=key[-4:],
            name=given.name,
            scopes=given.scope.all_of_it,
            days=given.days,
            team_id=team_id,
        )
        row = await queries.get_key(tx, key_id=key_id)
    return NewKey(key=key, about=ApiKey.model_validate(dict(row)))


async def list_keys(user: SignedIn) -> list[ApiKey]:
    """Return the person's keys, those that work first."""
    async with runtime.acting_as(_service(user), readonly=True) as tx:
        rows = await queries.list_keys(tx, user_id=user.user_id)
    return [ApiKey.model_validate(dict(row)) for row in rows]


async def list_teams(user: SignedIn) -> list[tuple[UUID, str]]:
    """Return the teams that a key of the person can be bound to."""
    async with runtime.acting_as(_service(user), readonly=True) as tx:
        rows = await queries.list_teams(tx, user_id=user.user_id)
    return [(row["id"], row["name"]) for row in rows]


async def revoke_key(user: SignedIn, *, key_id: UUID) -> str:
    """End a key from now on; return its name. Raises: NotFound when it is no live key of theirs."""
    async with runtime.acting_as(_service(user)) as tx:
        name = await queries.revoke(tx, user_id=user.user_id, key_id=key_id)
    if name is None:
        raise NotFound("There is no such key.")
    return name


async def _refuse_foreign_team(tx: Tx, user: SignedIn, team_id: UUID | None) -> None:
    is_in_reach = user.bound_team_id in (None, team_id)
    if team_id is None or (
        is_in_reach and await queries.works_in(tx, user_id=user.user_id, team_id=team_id)
    ):
        return
    sentence = "Choose a team that you work in."
    raise InvalidInput(sentence, fields={"team_id": sentence})


def _service(user: SignedIn) -> Service:
    return Service(Writer.MAGNETLAB, user_id=user.user_id)


def notes_under_way() -> set[asyncio.Task[None]]:
    """Return what is being noted of the use of keys at this moment."""
    return set(_notes)


def _note_use(key_id: UUID) -> None:
    """Note beside the request that the key was used: nobody waits for it."""
    note = asyncio.create_task(_touch(key_id))
    _notes.add(note)
    note.add_done_callback(_notes.discard)


async def _touch(key_id: UUID) -> None:
    try:
        async with runtime.acting_as(_BEFORE_IT_IS_KNOWN) as tx:
            await queries.touch(tx, key_id=key_id)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _log.warning("key_use_not_noted", reason=type(error).__name__)
