"""Send people to Google and take them in when they come back.

    url, state = await begin(purpose=Purpose.CONSOLE, redirect_to="/app")   # state: into a cookie
    arrival = await finish(state=..., code=..., browser_state=<the cookie>)

Whoever comes back is known by Google's `sub`; else by the address, which Google has verified. An
account that nobody has confirmed loses its password, sessions and factors on the way: who made it
may be somebody else.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from lodestone.auth import accounts, letters
from lodestone.auth import service as sessions
from lodestone.auth.clients import queries as flow_queries
from lodestone.auth.one_time.models import Challenge
from lodestone.auth.providers import queries
from lodestone.auth.providers.google import Grant, OpenIdProvider, Person, ProviderRefused
from lodestone.auth.users import queries as user_queries
from lodestone.auth.users import service as users
from lodestone.auth.users.models import Account
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden, LodestoneError, NotFound
from lodestone.platform.secrets import hash_token, new_token

GOOGLE = "google"
METHOD = "oauth"
FLOW_SECONDS = 600
CALLBACK = "/auth/v1/callback"

_ROOT = Root()
_CONTEXT = "user_auth_flows.provider_secrets"


class Purpose(StrEnum):
    """What signing in ends in: tokens, a cookie, or one more way into an account."""

    CLIENT = "client"
    CONSOLE = "console"
    LINK = "link"


class BadState(LodestoneError):
    """Nobody here sent this browser to the provider, or too long ago."""

    code = "bad_oauth_state"
    status = 400


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what has to come back with it."""

    url: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back, for what, and where they go on."""

    user_id: UUID
    purpose: Purpose
    redirect_to: str
    challenge: Challenge | None
    provider_token: str | None = field(repr=False)
    provider_refresh_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Flow:
    """A way to the provider that has been taken, and is used up."""

    user_id: UUID | None
    purpose: Purpose
    redirect_to: str
    challenge: Challenge | None
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


def is_configured() -> bool:
    """Say whether there is a Google sign-in, for the button and the settings."""
    return bool(runtime.current().accounts.google_client_id)


def _provider() -> OpenIdProvider:
    options = runtime.current().accounts
    if not options.google_client_id:
        raise LodestoneError(
            "Unsupported provider: provider is not enabled", code="validation_failed", status=400
        )
    return _kept_provider(
        options.google_issuer, options.google_client_id, options.google_client_secret
    )


@lru_cache(maxsize=4)
def _kept_provider(issuer: str, client_id: str, client_secret: str) -> OpenIdProvider:
    return OpenIdProvider(issuer=issuer, client_id=client_id, client_secret=client_secret)


async def begin(
    *,
    purpose: Purpose,
    redirect_to: str,
    challenge: Challenge | None = None,
    account: Account | None = None,
    session_id: UUID | None = None,
    extra: dict[str, str] | None = None,
) -> Departure:
    """Return where to send the browser; good for ten minutes and one return.

    Raises: LodestoneError (validation_failed) where Google is not configured; Unavailable.
    """
    provider = _provider()
    state, nonce, verifier = new_token(), new_token(), new_token(random_bytes=48)
    url = await provider.authorization_url(
        redirect_uri=_callback(), state=state, nonce=nonce, verifier=verifier, extra=extra or {}
    )
    async with runtime.acting_as(_ROOT) as tx:
        await flow_queries.insert_flow(
            tx,
            user_id=account.id if account else None,
            session_id=session_id,
            purpose=purpose,
            method=METHOD,
            provider=GOOGLE,
            state_hash=hash_token(state),
            auth_code_hash=None,
            code_challenge=challenge.value if challenge else None,
            code_challenge_method=challenge.method if challenge else None,
            provider_secrets=_seal({"nonce": nonce, "verifier": verifier}),
            redirect_to=redirect_to,
            lifetime_seconds=FLOW_SECONDS,
        )
    return Departure(url, state)


async def take_flow(state: str, *, browser_state: str | None) -> Flow:
    """Use the state that came back, whatever comes of it.

    For the console it has to be the one in this browser's cookie, so that nobody is signed in as
    somebody else by a link. Raises: BadState.
    """
    async with runtime.acting_as(_ROOT) as tx:
        row = await flow_queries.use_state(tx, state_hash=hash_token(state))
    if row is None:
        raise BadState("OAuth state is invalid or has expired")
    purpose = Purpose(row["purpose"])
    if purpose is Purpose.CONSOLE and not hmac.compare_digest(
        (browser_state or "").encode(), state.encode()
    ):
        raise BadState("OAuth state belongs to another browser")
    secrets = open_secrets(row["provider_secrets"])
    value, method = row["code_challenge"], row["code_challenge_method"]
    return Flow(
        user_id=row["user_id"],
        purpose=purpose,
        redirect_to=row["redirect_to"],
        challenge=Challenge(value, method) if value else None,
        nonce=secrets["nonce"],
        verifier=secrets["verifier"],
    )


async def finish(flow: Flow, *, code: str) -> Arrival:
    """Take in whoever comes back with a code.

    Raises: ProviderRefused, Unavailable, Forbidden (signup_disabled,
    provider_email_needs_verification), AccountBarred, Conflict.
    """
    provider = _provider()
    grant: Grant = await provider.exchange(
        code=code, redirect_uri=_callback(), verifier=flow.verifier
    )
    person = await provider.identify(grant.id_token, nonce=flow.nonce)
    async with runtime.acting_as(_ROOT) as tx:
        if flow.purpose is Purpose.LINK and flow.user_id is not None:
            user_id = await _link(tx, user_id=flow.user_id, person=person)
        else:
            user_id = await _take_in(tx, person)
    return Arrival(
        user_id=user_id,
        purpose=flow.purpose,
        redirect_to=flow.redirect_to,
        challenge=flow.challenge,
        provider_token=grant.access_token,
        provider_refresh_token=grant.refresh_token,
    )


async def sign_in_with_id_token(*, id_token: str, nonce: str | None) -> UUID:
    """Return who comes with an ID token that another program got from Google.

    The token carries the SHA-256 of the nonce, in hexadecimal. Raises: as `finish`.
    """
    hashed = hashlib.sha256(nonce.encode()).hexdigest() if nonce else None
    person = await _provider().identify(id_token, nonce=hashed)
    async with runtime.acting_as(_ROOT) as tx:
        return await _take_in(tx, person)


async def unlink(*, account: Account, identity_id: UUID) -> None:
    """Take a provider from an account. Raises: NotFound; Conflict when it is the only way in."""
    if account.password_hash is None and len(account.identities) < 2:
        raise Conflict(
            "User must have at least 1 identity after unlinking",
            code="single_identity_not_deletable",
            status=422,
        )
    async with runtime.acting_as(_ROOT) as tx:
        if not await queries.delete_identity(tx, user_id=account.id, identity_id=identity_id):
            raise NotFound("Identity not found", code="identity_not_found")
        await queries.update_providers(tx, user_id=account.id)


async def _take_in(tx: Tx, person: Person) -> UUID:
    email = sessions.clean_email(person.email)
    await user_queries.lock_email(tx, email=email)
    user_id = await queries.find_user_of_identity(
        tx, provider=GOOGLE, provider_id=person.provider_id
    )
    if user_id is None:
        known = await users.find_account_by_email(tx, email=email)
        user_id = await _create(tx, person, email) if known is None else known.id
        if known is not None:
            await _merge(tx, known)
    account = await users.get_account(tx, user_id=user_id)
    if account.is_barred:
        raise sessions.AccountBarred
    await _note(tx, user_id=user_id, person=person)
    return user_id


async def _create(tx: Tx, person: Person, email: str) -> UUID:
    options = runtime.current().accounts
    is_welcome = options.sign_up == "open" or (
        options.sign_up == "invited" and await user_queries.has_invitation(tx, email=email)
    )
    if not is_welcome:
        raise Forbidden("Signups not allowed for this instance", code="signup_disabled")
    user_id = await sessions.create_user(
        tx,
        email=email,
        password=None,
        name=accounts.display_name(person.name, {}, email),
        may_run=False,
    )
    await user_queries.merge_app_metadata(
        tx, user_id=user_id, values={"provider": GOOGLE, "providers": [GOOGLE]}
    )
    await user_queries.confirm_email(tx, user_id=user_id)
    return user_id


async def _merge(tx: Tx, known: Account) -> None:
    """Open an account of this address to who proved to own it."""
    if known.is_barred:
        raise sessions.AccountBarred
    if known.email_verified_at is None:
        await accounts.drop_unproved(tx, user_id=known.id)
        await user_queries.confirm_email(tx, user_id=known.id)
    else:
        await letters.post_notice(tx, to=known.email, notice=letters.Notice.PROVIDER_ADDED)


async def _link(tx: Tx, *, user_id: UUID, person: Person) -> UUID:
    """Add a Google account of the same address: any other could be a stranger's by mistake."""
    owner = await queries.find_user_of_identity(tx, provider=GOOGLE, provider_id=person.provider_id)
    if owner is not None:
        raise Conflict("Identity is already linked", code="identity_already_exists", status=422)
    account = await users.get_account(tx, user_id=user_id)
    if account.is_barred:
        raise sessions.AccountBarred
    if account.email != person.email:
        raise Conflict(
            "The Google account has another e-mail address than this one.",
            code="email_exists",
            status=422,
        )
    if account.email_verified_at is None:
        await user_queries.confirm_email(tx, user_id=user_id)
    await letters.post_notice(tx, to=account.email, notice=letters.Notice.PROVIDER_ADDED)
    await _note(tx, user_id=user_id, person=person)
    return user_id


async def _note(tx: Tx, *, user_id: UUID, person: Person) -> None:
    told = ("iss", "sub", "name", "email", "picture", "email_verified", "given_name")
    data: dict[str, Any] = {name: person.claims[name] for name in told if name in person.claims}
    if person.name:
        data["full_name"] = person.name
    if person.avatar_url:
        data["avatar_url"] = person.avatar_url
    data["provider_id"] = person.provider_id
    users.refuse_large(data)
    await queries.upsert_identity(
        tx,
        user_id=user_id,
        provider=GOOGLE,
        provider_id=person.provider_id,
        email=person.email,
        identity_data=data,
    )
    await queries.fill_in_profile(
        tx, user_id=user_id, name=person.name, avatar_url=person.avatar_url
    )
    await user_queries.merge_user_metadata(tx, user_id=user_id, values=data)
    await queries.update_providers(tx, user_id=user_id)


def seal_tokens(arrival: Arrival) -> str:
    """Return the provider's tokens encrypted, until the client redeems its code."""
    return _seal({"token": arrival.provider_token, "refresh_token": arrival.provider_refresh_token})


def open_secrets(sealed: str) -> dict[str, Any]:
    """Return what `seal_tokens` or the way to the provider kept."""
    found: dict[str, Any] = json.loads(runtime.current().secrets.decrypt(sealed, context=_CONTEXT))
    return found


def _seal(values: dict[str, Any]) -> str:
    return runtime.current().secrets.encrypt(json.dumps(values), context=_CONTEXT)


def _callback() -> str:
    return f"{runtime.current().base_url}{CALLBACK}"


__all__ = [
    "Arrival",
    "BadState",
    "Departure",
    "Flow",
    "ProviderRefused",
    "Purpose",
    "begin",
    "finish",
    "is_configured",
    "open_secrets",
    "seal_tokens",
    "sign_in_with_id_token",
    "take_flow",
    "unlink",
]
