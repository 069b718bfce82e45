"""Whether a service's call is genuine, the keys that say so, and what services may do."""

import hashlib
import time
from collections.abc import Sequence
from uuid import UUID

from lodestone.auth import accounts
from lodestone.auth import service as auth
from lodestone.auth.models import SignedIn
from lodestone.domains.identity.administration import service as administration
from lodestone.domains.identity.administration.queries import audit
from lodestone.domains.identity.services import queries, rules
from lodestone.domains.identity.services.models import (
    AccountCreate,
    AccountMade,
    Action,
    Call,
    Caller,
    NewKey,
    ServiceKey,
)
from lodestone.domains.identity.teams import queries as teams
from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthorized
from lodestone.platform.secrets import hash_token, new_token

PREFIX = "lsvc_"
_SEALED = "service_keys.secret_sealed"


class CallRefused(Unauthorized):
    """The call is not shown to be the service's; which part is wrong, strangers are not told."""

    code = "service_call_refused"


class CallReplayed(Unauthorized):
    """A signature that was used already: sign each call anew."""

    code = "service_call_replayed"


async def authenticate(call: Call, *, action: Action) -> Caller:
    """Return the service that calls, for an action that its key allows.

    A signature counts once, and only within 300 seconds of its timestamp.
    Raises: CallRefused, CallReplayed, Forbidden when the key doesn't allow it, RateLimited.
    """
    await ratelimit.take_at_once(f"service call from {call.address}", rules.TRIES_PER_MINUTE)
    service_id = _header(call, "x-gtm-service-id")
    user_id = _user_id(_header(call, "x-gtm-user-id"))
    if "x-gtm-signature" in call.headers:
        key_id, allowed = await _check_signature(call, service_id)
    else:
        key_id, allowed = await _check_bearer(call, service_id)
    if action not in allowed:
        raise Forbidden(f"This key may not do {action}.", code="action_not_allowed")
    await ratelimit.take_at_once(f"service key {key_id}", rules.CALLS_PER_MINUTE)
    return Caller(key_id, service_id, user_id)


async def _check_signature(call: Call, service_id: str) -> tuple[UUID, list[str]]:
    signature = _header(call, "x-gtm-signature").lower()
    timestamp = _header(call, "x-gtm-timestamp")
    if not rules.is_recent(timestamp, now=time.time()):
        raise CallRefused(
            f"x-gtm-timestamp has to be within {rules.MOST_AGE_SECONDS} seconds of now, in Unix"
            " seconds."
        )
    async with runtime.acting_as(Root()) as tx:
        for key in await queries.list_live_keys(tx, service_id=service_id):
            secret = runtime.current().secrets.decrypt(key["secret_sealed"], context=_SEALED)
            if rules.is_signed_by(
                secret,
                signature,
                method=call.method,
                path=call.path,
                timestamp=timestamp,
                body=call.body,
            ):
                await _use_once(tx, key["id"], signature)
                return key["id"], key["allowed_actions"]
    raise _refused()


async def _use_once(tx: Tx, key_id: UUID, signature: str) -> None:
    is_new = await queries.use_signature(
        tx,
        key_id=key_id,
        signature_hash=hashlib.sha256(f"{key_id} {signature}".encode()).hexdigest(),
        # A timestamp may lie ahead by the whole window, and is good for another one after.
        kept_seconds=2 * rules.MOST_AGE_SECONDS + 60,
    )
    if not is_new:
        raise CallReplayed("This call came before. Sign each call anew.")
    await queries.touch_key(tx, key_id=key_id)


async def _check_bearer(call: Call, service_id: str) -> tuple[UUID, list[str]]:
    scheme, _, secret = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise CallRefused("Send x-gtm-signature.")
    async with runtime.acting_as(Root()) as tx:
        key = await queries.find_bearer_key(
            tx, service_id=service_id, secret_hash=hash_token(secret.strip())
        )
        if key is None:
            raise _refused()
        await queries.touch_key(tx, key_id=key["id"])
    return key["id"], key["allowed_actions"]


def _header(call: Call, name: str) -> str:
    value = call.headers.get(name, "").strip()
    if not value or len(value) > 200:
        raise CallRefused(f"Send {name}.")
    return value


def _user_id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise CallRefused("x-gtm-user-id has to be an id.") from error


def _refused() -> CallRefused:
    return CallRefused("The service or its signature is not known here.")


async def create_account(caller: Caller, *, given: AccountCreate) -> AccountMade:
    """Make an account on the pro plan, without a password, and mail an invitation to set one.

    An account that is there is left as it is. With a LinkedIn address or a company it gets a team.
    Raises: InvalidInput for an address that is none.
    """
    email = auth.clean_email(given.email)
    async with runtime.acting_as(Root()) as tx:
        await queries.lock_email(tx, email=email)
        known = await queries.find_account(tx, email=email)
        if known is not None:
            return AccountMade(user_id=known, email=email, already_existed=True)
        made = await accounts.invite(
            tx, email=email, metadata={"full_name": given.full_name}, via=accounts.CONSOLE
        )
        await queries.set_pro(tx, user_id=made.id)
        team_id = await _make_team(tx, made.id, given)
        await audit.insert_entry(
            tx,
            actor_id=None,
            service_id=caller.service_id,
            subject_id=made.id,
            action="account.created",
            details={"plan": "pro", "for": str(caller.user_id)},
        )
    return AccountMade(user_id=made.id, email=email, already_existed=False, team_id=team_id)


async def _make_team(tx: Tx, user_id: UUID, given: AccountCreate) -> UUID | None:
    await queries.describe_person(
        tx, user_id=user_id, linkedin_url=given.linkedin_url, title=given.job_title
    )
    if not (given.linkedin_url or given.company):
        return None
    name = rules.team_name(company=given.company, full_name=given.full_name)
    team_id = await teams.insert_team(tx, owner_id=user_id, values={"name": name})
    await teams.insert_owner_profile(tx, team_id=team_id, owner_id=user_id)
    return team_id


async def list_keys(admin: SignedIn) -> list[ServiceKey]:
    """Return every key, the live ones first. Raises: NotFound for people who are no super admin."""
    _refuse_others(admin)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return [ServiceKey(**row) for row in await queries.list_keys(tx)]


async def create_key(
    admin: SignedIn, *, service_id: str, actions: Sequence[str], allows_bearer: bool
) -> NewKey:
    """Make a key; its secret is in the answer and shown never again.

    Raises: InvalidInput for a bad name, and without an action that there is.
    """
    _refuse_others(admin)
    name = rules.clean_service_id(service_id)
    known = {action.value for action in Action}
    if not actions or not set(actions) <= known:
        sentence = "Choose at least one of the actions."
        raise InvalidInput(sentence, fields={"actions": sentence})
    async with runtime.acting_as(Root()) as tx:
        made = await _insert_key(tx, admin, name, sorted(set(actions)), allows_bearer=allows_bearer)
        details = {"service": name, "may": sorted(set(actions)), "bearer": allows_bearer}
        await administration.note(tx, admin, "service_key.created", None, details)
    return made


async def rotate_key(admin: SignedIn, *, key_id: UUID) -> NewKey:
    """Make a key that may do the same; the earlier one works for a day more.

    Raises: NotFound, Conflict when it was rotated already.
    """
    _refuse_others(admin)
    async with runtime.acting_as(Root()) as tx:
        key = await queries.lock_live_key(tx, key_id=key_id)
        if key is None:
            raise NotFound("There is no such key, or it works no more.")
        if key["expires_at"] is not None:
            raise Conflict("This key was rotated already.")
        made = await _insert_key(
            tx,
            admin,
            key["service_id"],
            key["allowed_actions"],
            allows_bearer=key["allows_bearer"],
        )
        await queries.expire_key(tx, key_id=key_id, hours=rules.OVERLAP_HOURS)
        details = {"service": key["service_id"]}
        await administration.note(tx, admin, "service_key.rotated", None, details)
    return made


async def revoke_key(admin: SignedIn, *, key_id: UUID) -> None:
    """End a key at once. Raises: NotFound."""
    _refuse_others(admin)
    async with runtime.acting_as(Root()) as tx:
        key = await queries.lock_live_key(tx, key_id=key_id)
        if key is None:
            raise NotFound("There is no such key, or it works no more.")
        await queries.revoke_key(tx, key_id=key_id)
        details = {"service": key["service_id"]}
        await administration.note(tx, admin, "service_key.revoked", None, details)


async def forget_signatures(tx: Tx) -> None:
    """Delete signatures that could not be sent again anyway: a schedule calls it."""
    await queries.delete_old_signatures(tx)


async def _insert_key(
    tx: Tx, admin: SignedIn, service_id: str, actions: Sequence[str], *, allows_bearer: bool
) -> NewKey:
    secret = new_token(PREFIX)
    key_id = await queries.insert_key(
        tx,
        service_id=service_id,
        secret_sealed=runtime.current().secrets.encrypt(secret, context=_SEALED),
        secret_hash=hash_token(secret),
        secret_end=secret[-4:],
        allowed_actions=actions,
        allows_bearer=allows_bearer,
        created_by=admin.user_id,
    )
    return NewKey(key_id, service_id, secret)


def _refuse_others(admin: SignedIn) -> None:
    if not admin.is_super_admin:
        raise NotFound("There is nothing at this address.")
