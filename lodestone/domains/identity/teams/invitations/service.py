"""The use cases of invitations: ask people in, and let them come.

A link is signed, good for seven days and for one use; stored is a hash of it. Without a link only a
proved address opens what waits for it, in the database's sight.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from lodestone.auth import service as auth
from lodestone.auth.models import SignedIn
from lodestone.domains.identity.teams import queries as teams
from lodestone.domains.identity.teams import service
from lodestone.domains.identity.teams.invitations import jobs, letters, queries
from lodestone.domains.identity.teams.invitations.models import Invitation, Invite, Reader
from lodestone.domains.identity.teams.models import Profile, ProfileStatus, Scope, ScopeKind
from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput, LodestoneError, NotFound
from lodestone.platform.secrets import hash_token, new_token

LIFETIME = timedelta(days=7)
PURPOSE = letters.SEALED

# Who holds a link is not known before the link said what it opens: no narrower actor exists yet.
_BEFORE_IT_IS_OPENED = Root()


class InvitationOver(LodestoneError):
    """The link was used, replaced or withdrawn, or its time is over."""

    code = "invitation_over"
    status = 410


async def invite_person(user: SignedIn, *, scope: Scope, given: Invite) -> Profile:
    """Give somebody a place in the team, and mail them the link to it.

    Whose address is proved already is in at once, and is told so. Without an address the place is a
    voice alone. Raises: Forbidden unless the person owns the team; Conflict when the address has a
    place there, or the workspace is a personal one; RateLimited after many in a day.
    """
    service.require_owner(scope)
    email = _clean_address(given.email)
    if scope.kind is ScopeKind.USER and email is not None:
        raise Conflict("A personal workspace is yours alone. Make a team to work with others.")
    team_id = service.team_of(scope)
    async with runtime.acting_as(service.owner_of(scope.billing_user_id)) as tx:
        known = email and await teams.find_profile_by_email(tx, team_id=team_id, email=email)
        if known:
            profile = service.read_profile(known)
            if profile.status is not ProfileStatus.REMOVED:
                sentence = f"{email} is in this team already."
                raise Conflict(sentence, code="email_taken")
            return await _bring_back(tx, user, profile)
        row = await teams.insert_profile(
            tx, team_id=team_id, email=email, full_name=given.full_name, title=given.title or None
        )
        profile = service.read_profile(row)
        await _tell(tx, user, profile)
        return profile


async def restore_person(user: SignedIn, *, scope: Scope, profile_id: UUID) -> Profile:
    """Bring somebody back who was removed. Raises: Forbidden, NotFound, Conflict."""
    service.require_owner(scope)
    async with runtime.acting_as(service.owner_of(scope.billing_user_id)) as tx:
        row = await teams.get_profile(tx, team_id=service.team_of(scope), profile_id=profile_id)
        if row["status"] != ProfileStatus.REMOVED:
            raise Conflict("This person is in the team.")
        return await _bring_back(tx, user, service.read_profile(row))


async def _bring_back(tx: Tx, user: SignedIn, profile: Profile) -> Profile:
    knows = profile.user_id is not None or profile.email is None
    status = ProfileStatus.ACTIVE if knows else ProfileStatus.PENDING
    row = await teams.set_profile_status(tx, profile_id=profile.id, status=status)
    restored = service.read_profile(row)
    if not knows:
        await _tell(tx, user, restored)
    return restored


async def resend_invitation(user: SignedIn, *, scope: Scope, profile_id: UUID) -> Profile:
    """Mail a new link; the earlier one ends. Raises: Forbidden, NotFound, Conflict."""
    service.require_owner(scope)
    async with runtime.acting_as(service.owner_of(scope.billing_user_id)) as tx:
        row = await teams.get_profile(tx, team_id=service.team_of(scope), profile_id=profile_id)
        profile = service.read_profile(row)
        if profile.status is not ProfileStatus.PENDING:
            raise Conflict("This person needs no invitation.")
        await _tell(tx, user, profile)
        return profile


async def remove_person(*, scope: Scope, profile_id: UUID) -> Profile:
    """End somebody's access, or withdraw their invitation; both at once."""
    profile = await service.remove_profile(scope=scope, profile_id=profile_id)
    async with runtime.acting_as(service.owner_of(scope.billing_user_id)) as tx:
        await queries.withdraw_invitations(tx, team_profile_id=profile.id)
    return profile


async def _tell(tx: Tx, user: SignedIn, profile: Profile) -> None:
    if profile.email is None:
        return
    await _count(tx)
    if profile.status is ProfileStatus.ACTIVE:
        await jobs.mail_welcome.enqueue(tx, jobs.Welcome(profile.id, user.user_id))
        return
    await _send_link(tx, user.user_id, email=profile.email, team_profile_id=profile.id)


async def _count(tx: Tx) -> None:
    """Count an invitation by whoever acts, as the tables do. Raises: RateLimited."""
    ratelimit.refuse_while(await queries.take_invitation(tx))


async def invite_written_place(*, place_id: UUID, inviter_id: UUID) -> None:
    """Make the link of a place that was written at the tables, once, and have it mailed."""
    async with runtime.acting_as(_BEFORE_IT_IS_OPENED) as tx:
        await queries.lock_place(tx, place_id=place_id)
        place = await queries.find_waiting_place(tx, place_id=place_id)
        if place is not None:
            await _send_link(
                tx,
                inviter_id,
                email=place["email"],
                team_profile_id=place["team_profile_id"],
                team_member_id=place["team_member_id"],
            )


async def _send_link(
    tx: Tx,
    inviter_id: UUID,
    *,
    email: str,
    team_profile_id: UUID | None = None,
    team_member_id: UUID | None = None,
) -> None:
    secret = new_token()
    invitation_id = await queries.insert_invitation(
        tx,
        team_profile_id=team_profile_id,
        team_member_id=team_member_id,
        email=email,
        token_hash=hash_token(secret),
        invited_by=inviter_id,
        lifetime_seconds=int(LIFETIME.total_seconds()),
    )
    expires_at = datetime.now(UTC) + LIFETIME
    token = runtime.current().secrets.sign(PURPOSE, secret, expires_at=expires_at)
    # The link opens a team, so it may not lie readable in a queue either.
    sealed = runtime.current().secrets.encrypt(token, context=PURPOSE)
    await jobs.mail_invitation.enqueue(tx, jobs.InvitationLink(invitation_id, sealed))


async def read_invitation(token: str) -> Invitation:
    """Return what a link opens, without using it.

    Raises: BadToken when it is damaged, ExpiredToken, InvitationOver.
    """
    secret = runtime.current().secrets.verify(PURPOSE, token)
    async with runtime.acting_as(_BEFORE_IT_IS_OPENED, readonly=True) as tx:
        row = await queries.find_open(tx, token_hash=hash_token(secret))
    if row is None:
        raise InvitationOver("This invitation was used, replaced or withdrawn.")
    return Invitation.model_validate(dict(row))


async def accept_invitation(user: SignedIn, *, token: str) -> Invitation:
    """Let whoever holds the link in, as the account that they are signed in with.

    Raises: as `read_invitation`; Conflict when the account works in the team already.
    """
    if user.viewing is not None:
        raise Forbidden("Only the person themselves accepts an invitation.")
    invitation = await read_invitation(token)
    async with runtime.acting_as(service.owner_of(invitation.owner_id)) as tx:
        if not await queries.use_invitation(tx, invitation_id=invitation.id):
            raise InvitationOver("This invitation was used meanwhile.")
        if invitation.team_id is not None and invitation.team_profile_id is not None:
            if await queries.is_member(tx, team_id=invitation.team_id, user_id=user.user_id):
                raise Conflict("You work in this team already.")
            await queries.activate_profile(
                tx, profile_id=invitation.team_profile_id, user_id=user.user_id
            )
        elif invitation.team_member_id is not None:
            if invitation.owner_id == user.user_id:
                raise Conflict("This is your own catalogue.")
            await queries.set_reader_status(
                tx,
                reader_id=invitation.team_member_id,
                status=ProfileStatus.ACTIVE,
                member_id=user.user_id,
            )
    return invitation


async def decline_invitation(*, token: str) -> Invitation:
    """Turn an invitation down for whoever holds its link. Raises: as `read_invitation`."""
    invitation = await read_invitation(token)
    async with runtime.acting_as(service.owner_of(invitation.owner_id)) as tx:
        if not await queries.use_invitation(tx, invitation_id=invitation.id):
            raise InvitationOver("This invitation was used meanwhile.")
        if invitation.team_profile_id is not None:
            await queries.remove_profile(tx, profile_id=invitation.team_profile_id)
        elif invitation.team_member_id is not None:
            await queries.set_reader_status(
                tx, reader_id=invitation.team_member_id, status=ProfileStatus.REMOVED
            )
    return invitation


async def list_people(tx: Tx, *, scope: Scope) -> list[Profile]:
    """Return the people of the workspace; its owner also sees until when links are good."""
    profiles = await service.list_profiles(tx, scope=scope)
    if not scope.is_owner or all(each.status is not ProfileStatus.PENDING for each in profiles):
        return profiles
    async with runtime.acting_as(service.owner_of(scope.billing_user_id), readonly=True) as own:
        rows = await queries.find_open_ends(own, team_id=service.team_of(scope))
    ends = {row["team_profile_id"]: row["expires_at"] for row in rows}
    return [each.model_copy(update={"link_expires_at": ends.get(each.id)}) for each in profiles]


async def list_readers(tx: Tx, *, owner_id: UUID) -> list[Reader]:
    """Return who reads one's catalogue, or was invited to."""
    rows = await queries.list_readers(tx, owner_id=owner_id)
    return [Reader.model_validate(dict(row)) for row in rows]


async def invite_reader(user: SignedIn, *, email: str) -> None:
    """Invite somebody to read one's catalogue. Raises: InvalidInput, Conflict, RateLimited."""
    address = _clean_address(email)
    if address is None or address == user.email:
        sentence = "Write the address of somebody else."
        raise InvalidInput(sentence, fields={"email": sentence})
    async with runtime.acting_as(service.owner_of(user.user_id)) as tx:
        row = await queries.upsert_reader(tx, owner_id=user.user_id, email=address)
        if row is None:
            raise Conflict(f"{address} is invited already.", code="email_taken")
        await _count(tx)
        await _send_link(tx, user.user_id, email=address, team_member_id=row["id"])


async def resend_reader(user: SignedIn, *, reader_id: UUID) -> None:
    """Mail a reader a new link. Raises: NotFound, Conflict when they have come."""
    async with runtime.acting_as(service.owner_of(user.user_id)) as tx:
        reader = await _get_reader(tx, user, reader_id)
        if reader.status is not ProfileStatus.PENDING:
            raise Conflict("This person needs no invitation.")
        await _count(tx)
        await _send_link(tx, user.user_id, email=reader.email, team_member_id=reader.id)


async def remove_reader(user: SignedIn, *, reader_id: UUID) -> None:
    """Close one's catalogue to a reader, or withdraw the invitation. Raises: NotFound."""
    async with runtime.acting_as(service.owner_of(user.user_id)) as tx:
        reader = await _get_reader(tx, user, reader_id)
        if reader.status is not ProfileStatus.REMOVED:
            await queries.set_reader_status(tx, reader_id=reader.id, status=ProfileStatus.REMOVED)
        await queries.withdraw_invitations(tx, team_member_id=reader.id)


async def _get_reader(tx: Tx, user: SignedIn, reader_id: UUID) -> Reader:
    row = await queries.find_reader(tx, owner_id=user.user_id, reader_id=reader_id)
    if row is None:
        raise NotFound("There is no such reader.")
    return Reader.model_validate(dict(row))


def _clean_address(email: str | None) -> str | None:
    return auth.clean_email(email) if email and email.strip() else None
