"""What a person changes about themselves."""

import hashlib
from uuid import UUID

import puremagic

from lodestone.auth import accounts, passwords
from lodestone.auth import queries as sessions_queries
from lodestone.auth import service as sessions
from lodestone.auth.models import SignedIn
from lodestone.auth.profiles import queries
from lodestone.auth.profiles.models import (
    Avatar,
    FormerName,
    FunnelDefaults,
    FunnelDefaultsUpdate,
    NameCheck,
    NameState,
    Profile,
)
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, LodestoneError, NotFound
from lodestone.platform.ratelimit import take_at_once

MOST_AVATAR_BYTES = 512 * 1024
PASSWORD_TRIES = 10
PASSWORD_WINDOW_SECONDS = 15 * 60
_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")


class _Undone(Exception):
    """Leaves a transaction that only asked what would happen."""


async def get_profile(user: SignedIn) -> Profile:
    """Return what the account says of itself, as it is now."""
    async with runtime.acting_as(_service(user), readonly=True) as tx:
        return Profile.model_validate(dict(await queries.get_profile(tx, user_id=user.user_id)))


async def check_username(user: SignedIn, *, username: str) -> NameCheck:
    """Say whether the person could take a public name, by taking it and undoing that."""
    wanted = username.strip().lower()
    if wanted == (user.username or "").lower():
        return NameCheck(state=NameState.YOURS, message="This is your public name.")
    try:
        async with runtime.acting_as(_service(user)) as tx:
            await sessions.rename_account(
                tx, user=user, name=user.name or user.email, username=wanted
            )
            raise _Undone
    except _Undone:
        return NameCheck(state=NameState.FREE, message="This name is free.")
    except InvalidInput as error:
        return NameCheck(state=NameState.REFUSED, message=error.message)


async def list_former_names(tx: Tx, *, user: SignedIn) -> list[FormerName]:
    """Return the public names that the account had, the latest first."""
    rows = await queries.list_former_usernames(tx, user_id=user.user_id)
    return [FormerName.model_validate(dict(row)) for row in rows]


async def release_former_name(tx: Tx, *, user: SignedIn, username: str) -> None:
    """Let an earlier name go: links under it end, and others may take it. Raises: NotFound."""
    if not await queries.delete_former_username(tx, user_id=user.user_id, username=username):
        raise NotFound("This is no earlier name of yours.")


async def find_current_username(*, former: str) -> str | None:
    """Return the name of today of the account that once had this one."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB), readonly=True) as tx:
        return await queries.find_current_username(tx, former=former)


async def get_funnel_defaults(tx: Tx, *, user_id: UUID) -> FunnelDefaults:
    """Return how the account's new funnels look."""
    return FunnelDefaults.model_validate(dict(await queries.get_defaults(tx, user_id=user_id)))


async def revise_funnel_defaults(
    tx: Tx, *, user: SignedIn, given: FunnelDefaultsUpdate
) -> FunnelDefaults:
    """Change what is given; what is absent stays, and null clears."""
    values = given.model_dump(include=given.model_fields_set)
    await queries.update_defaults(tx, user_id=user.user_id, values=values)
    return await get_funnel_defaults(tx, user_id=user.user_id)


async def keep_avatar(user: SignedIn, *, body: bytes) -> None:
    """Keep a picture. Raises: InvalidInput when it is too large, or no picture."""
    if not body:
        raise _refused_picture("Choose a picture first.")
    if len(body) > MOST_AVATAR_BYTES:
        raise _refused_picture("The picture is too large: at most 512 KB.")
    content_type = _sniff(body)
    version = hashlib.sha256(body).hexdigest()[:16]
    url = f"{runtime.current().base_url}/avatars/{user.user_id}?v={version}"
    async with runtime.acting_as(_service(user)) as tx:
        await queries.upsert_avatar(
            tx,
            user_id=user.user_id,
            content_type=content_type,
            body=body,
            version=version,
            url=url,
        )


async def remove_avatar(user: SignedIn) -> None:
    """Forget the picture; the initials are shown again."""
    async with runtime.acting_as(_service(user)) as tx:
        await queries.delete_avatar(tx, user_id=user.user_id)


async def find_avatar(*, user_id: UUID) -> Avatar | None:
    """Return a picture for whoever has its address."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB), readonly=True) as tx:
        row = await queries.find_avatar(tx, user_id=user_id)
    return Avatar.model_validate(dict(row)) if row is not None else None


async def change_password(user: SignedIn, *, current: str, new: str) -> None:
    """Replace the password, end every other session, and tell the owner by mail.

    Raises: InvalidInput when the current one is wrong or the new one too weak; RateLimited;
    Conflict for an account that has none, whose first one takes a link by mail.
    """
    if not await confirm_password(user, password=current):
        raise Conflict("Set your first password with the link that we mail you.")
    passwords.refuse_weak(new, email=user.email)
    try:
        async with runtime.acting_as(Root()) as tx:
            await accounts.set_password(
                tx, user_id=user.user_id, new=new, keep_session=user.session_id
            )
    except LodestoneError as error:
        if error.code != "same_password":
            raise
        sentence = "This is the password that you have. Choose another."
        raise InvalidInput(sentence, fields={"password": sentence}) from error


async def request_email_change(user: SignedIn, *, email: str, password: str, address: str) -> None:
    """Mail a link to a new address; the account has it once the link is opened.

    Raises: InvalidInput when the password is wrong or the address is none; RateLimited.
    """
    wanted = sessions.clean_email(email)
    if wanted == user.email:
        sentence = "This is your address already."
        raise InvalidInput(sentence, fields={"email": sentence})
    await confirm_password(user, password=password)
    await accounts.request_email_change(user_id=user.user_id, new_email=wanted, address=address)


async def confirm_password(user: SignedIn, *, password: str) -> bool:
    """Make sure that it is the person themselves; False for an account that has no password.

    Raises: InvalidInput when it is wrong; RateLimited after too many tries.
    """
    async with runtime.acting_as(_service(user), readonly=True) as tx:
        stored = await sessions_queries.get_password_hash(tx, user_id=user.user_id)
    if stored is None:
        return False
    await take_at_once(f"own password:{user.user_id}", PASSWORD_TRIES, PASSWORD_WINDOW_SECONDS)
    if not await passwords.verify_password(stored, password):
        sentence = "This is not your current password."
        raise InvalidInput(sentence, fields={"current_password": sentence})
    return True


def _sniff(body: bytes) -> str:
    """Return what kind of picture the bytes are, whatever they are called."""
    if body.startswith(_STARTS):
        try:
            found = _PICTURES.get(puremagic.from_string(body).lower())
        except puremagic.PureError:
            found = None
        if found is not None:
            return found
    raise _refused_picture("Use a picture as PNG, JPEG, WebP or GIF.")


def _refused_picture(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={"avatar": sentence})


def _service(user: SignedIn) -> Service:
    return Service(Writer.MAGNETLAB, user_id=user.user_id)
