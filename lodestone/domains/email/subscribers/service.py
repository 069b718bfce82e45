"""The use cases of lists. Nobody who left comes back but by their own act."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lodestone.domains.email.models import MessageKind, NewMessage
from lodestone.domains.email.subscribers import rules
from lodestone.domains.email.subscribers.models import (
    Added,
    HistoryItem,
    OptedIn,
    Preferences,
    SubscriberCreate,
    SubscriberDetail,
    SubscriberRow,
    SubscriberStatus,
    SubscriberUpdate,
)
from lodestone.domains.email.subscribers.queries import subscribers as queries
from lodestone.domains.identity.service import Scope
from lodestone.platform import pages, runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.secrets import BadToken

CONFIRM_LIFETIME = timedelta(days=30)
HISTORY_LENGTH = 100
_UNSUBSCRIBE = "unsubscribe"
_CONFIRM = "confirm-subscription"
_REFUSED = {
    SubscriberStatus.UNSUBSCRIBED: "This person unsubscribed. Only they can come back, "
    "by a form of yours or their preferences page.",
    SubscriberStatus.BOUNCED: "Mail to this address bounced, so nothing is sent to it any more.",
    SubscriberStatus.COMPLAINED: "This person reported mail as spam. Nobody may write to them.",
}


async def acting_for(scope: Scope) -> tuple[Service, UUID, UUID]:
    """Return the service that writes a workspace's list, and the team and tenant of the list.

    Raises: NotFound for an account without any.
    """
    team_id = scope.home_team_id
    if team_id is None:
        raise NotFound("This workspace has no list.")
    tenant_id = await get_tenant(team_id=team_id)
    actor = Service(Writer.GTM_SYSTEM, user_id=scope.user_id, tenant_id=tenant_id)
    return actor, team_id, tenant_id


async def get_tenant(*, team_id: UUID) -> UUID:
    """Return the tenant of a team. Raises NotFound for a team without any."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        tenant_id = await queries.find_tenant_of_team(tx, team_id=team_id)
    if tenant_id is None:
        raise NotFound("This workspace has no list.")
    return tenant_id


async def list_subscribers(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    status: str | None = None,
    source: str | None = None,
    sort: str = "created_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[SubscriberRow], int]:
    """Return a page of a workspace's list, and how many fit the search."""
    if scope.home_team_id is None:
        return [], 0
    rows = await queries.list_subscribers(
        tx,
        team_id=scope.home_team_id,
        search=_pattern(search),
        status=status,
        source=source,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_subscribers(
        tx, team_id=scope.home_team_id, search=_pattern(search), status=status, source=source
    )
    return [SubscriberRow.model_validate(dict(row)) for row in rows], total


def _pattern(search: str | None) -> str | None:
    """Return the search with what LIKE would read as its own signs meant literally."""
    if not search:
        return None
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def count_by_status(tx: Tx, *, scope: Scope) -> dict[str, int]:
    """Return how many people of the list are in each status."""
    if scope.home_team_id is None:
        return {}
    return await queries.count_by_status(tx, team_id=scope.home_team_id)


async def get_subscriber(tx: Tx, *, scope: Scope, subscriber_id: UUID) -> SubscriberDetail:
    """Return somebody on the workspace's list. Raises NotFound when they are on none or another."""
    found = SubscriberDetail.model_validate(
        dict(await queries.get_subscriber(tx, subscriber_id=subscriber_id))
    )
    if found.team_id != scope.home_team_id:
        raise NotFound("There is no such subscriber.")
    return found


async def list_history(tx: Tx, *, subscriber_id: UUID) -> list[HistoryItem]:
    """Return what happened between somebody and the list, newest first."""
    rows = await queries.list_history(tx, subscriber_id=subscriber_id, limit=HISTORY_LENGTH)
    return [HistoryItem.model_validate(dict(row)) for row in rows]


async def add_subscriber(*, scope: Scope, given: SubscriberCreate) -> Added:
    """Put somebody on the list whom a person of the team vouches for.

    Somebody who is on it takes the names that are given. Raises InvalidInput when the person has
    not agreed, left, or must not be written to; NotFound for an account without a list.
    """
    if not given.has_agreed:
        raise InvalidInput(
            "Only people who agreed may be added.",
            fields={"has_agreed": "Say that this person agreed to receive mail."},
        )
    actor, team_id, tenant_id = await acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        row = await queries.upsert_subscriber(
            tx,
            tenant_id=tenant_id,
            team_id=team_id,
            email=given.email,
            names=_names(given),
            status=SubscriberStatus.ACTIVE,
            source="manual",
            source_id=None,
        )
        status = SubscriberStatus(row["status"])
        if status in _REFUSED:
            raise InvalidInput("This address can't be added.", fields={"email": _REFUSED[status]})
        if row["is_new"]:
            await queries.insert_consent(
                tx, subscriber_id=row["id"], act="added", user_id=scope.user_id
            )
    return Added(id=row["id"], is_new=row["is_new"])


def _names(given: SubscriberCreate | SubscriberUpdate) -> dict[str, str | None]:
    return {
        "first_name": given.first_name or None,
        "last_name": given.last_name or None,
        "company": given.company or None,
    }


async def rename_subscriber(
    tx: Tx, *, scope: Scope, subscriber_id: UUID, given: SubscriberUpdate
) -> None:
    """Set somebody's names. Raises NotFound when they are not on the workspace's list."""
    await get_subscriber(tx, scope=scope, subscriber_id=subscriber_id)
    await queries.update_subscriber(
        tx,
        subscriber_id=subscriber_id,
        first_name=given.first_name or None,
        last_name=given.last_name or None,
        company=given.company or None,
        timezone=given.timezone or None,
    )


async def unsubscribe_all(*, scope: Scope, subscriber_ids: list[UUID], by: str) -> int:
    """Take people off the workspace's list; return how many left now. Others' are left alone."""
    actor, team_id, _ = await acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        return await queries.unsubscribe(tx, subscriber_ids=subscriber_ids, team_id=team_id, by=by)


async def end_own(tx: Tx, *, subscriber_id: UUID) -> None:
    """End a subscription at the person's own wish; again it changes nothing."""
    await queries.unsubscribe(tx, subscriber_ids=[subscriber_id], team_id=None, by=None)


def unsubscribe_url(subscriber_id: UUID) -> str:
    """Return the address that ends a subscription, signed for this subscriber alone."""
    current = runtime.current()
    token = current.secrets.sign(_UNSUBSCRIBE, str(subscriber_id))
    return f"{current.base_url}/api/email/unsubscribe?sid={subscriber_id}&token={token}"


async def keep_opt_in(
    tx: Tx,
    *,
    tenant_id: UUID,
    team_id: UUID,
    email: str,
    first_name: str | None,
    last_name: str | None,
    lead_magnet_id: UUID | None,
    given_at: datetime,
) -> OptedIn:
    """Keep somebody who opted in themselves at `given_at`, which may have been a while ago.

    It ends an earlier unsubscription, never a later one, and neither a bounce nor a complaint.
    Where the list asks for it, they have yet to confirm the address.
    """
    asks = await queries.is_double_opt_in(tx, team_id=team_id)
    row = await queries.upsert_subscriber(
        tx,
        tenant_id=tenant_id,
        team_id=team_id,
        email=email,
        names={"first_name": first_name, "last_name": last_name},
        status=SubscriberStatus.PENDING if asks else SubscriberStatus.ACTIVE,
        source="lead_magnet",
        source_id=lead_magnet_id,
    )
    await queries.insert_consent(
        tx, subscriber_id=row["id"], act="opted_in", given_at=given_at, source_id=lead_magnet_id
    )
    status = SubscriberStatus(row["status"])
    is_away = status in (SubscriberStatus.PENDING, SubscriberStatus.UNSUBSCRIBED)
    if (
        is_away
        and not asks
        and await queries.reactivate_subscriber(tx, subscriber_id=row["id"], given_at=given_at)
    ):
        status = SubscriberStatus.ACTIVE
    return OptedIn(id=row["id"], status=status, must_confirm=is_away and asks)


def confirmation_of(
    opted_in: OptedIn,
    *,
    email: str,
    team_id: UUID,
    tenant_id: UUID,
    user_id: UUID,
    sender_name: str,
    reply_to: str | None,
    day: str,
) -> NewMessage:
    """Return the mail that asks somebody to confirm the address, one a day at most."""
    expires_at = datetime.now(UTC) + CONFIRM_LIFETIME
    current = runtime.current()
    token = current.secrets.sign(_CONFIRM, str(opted_in.id), expires_at=expires_at)
    context = {
        "sender_name": sender_name,
        "url": f"{current.base_url}/api/email/confirm?sid={opted_in.id}&token={token}",
        "days": CONFIRM_LIFETIME.days,
    }
    return NewMessage(
        dedupe_key=f"confirm:{opted_in.id}:{day}",
        kind=MessageKind.TRANSACTIONAL,
        recipient=email,
        reply_to_email=reply_to,
        subject=f"Please confirm: mail from {rules.as_line(sender_name)}"[:500],
        html=pages.render_text("email/subscribers/confirm_mail.html", context),
        text=pages.render_text("email/subscribers/confirm_mail.txt", context),
        headers={
            "List-Unsubscribe": f"<{unsubscribe_url(opted_in.id)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        tenant_id=tenant_id,
        team_id=team_id,
        user_id=user_id,
        subscriber_id=opted_in.id,
    )


async def find_preferences(*, subscriber_id: UUID, token: str) -> Preferences:
    """Return what somebody wants, for whoever holds the link of a mail to them.

    Raises BadToken when the link is damaged or of another, NotFound when the person was erased.
    """
    return await _preferences_by_link(_UNSUBSCRIBE, subscriber_id, token)


async def find_confirmation(*, subscriber_id: UUID, token: str) -> Preferences:
    """Return who confirms an address, by the link of the mail that asks for it.

    Raises BadToken or ExpiredToken, and NotFound when the person was erased.
    """
    return await _preferences_by_link(_CONFIRM, subscriber_id, token)


async def _preferences_by_link(purpose: str, subscriber_id: UUID, token: str) -> Preferences:
    if runtime.current().secrets.verify(purpose, token) != str(subscriber_id):
        raise BadToken("This link is for somebody else.", status=403)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        row = await queries.find_preferences(tx, subscriber_id=subscriber_id)
    if row is None:
        raise NotFound("This address is not on the list any more.")
    return Preferences.model_validate(dict(row))


async def choose_topics(*, subscriber_id: UUID, token: str, wanted: list[str]) -> None:
    """Keep which mail somebody wants while on the list, at their own wish; errors as above."""
    await find_preferences(subscriber_id=subscriber_id, token=token)
    unwanted = [topic for topic in rules.TOPICS if topic not in wanted]
    kinds = [kind for topic in unwanted for kind in rules.TOPICS[topic]]
    details: dict[str, Any] = {"unwanted": ", ".join(unwanted) or "nothing"}
    async with runtime.acting_as(Root()) as tx:
        await queries.set_muted_kinds(tx, subscriber_id=subscriber_id, kinds=kinds)
        await queries.insert_consent(tx, subscriber_id=subscriber_id, act="chose", details=details)


async def resubscribe(*, subscriber_id: UUID, token: str) -> bool:
    """Begin a subscription again at the person's own wish; False when they must not get mail."""
    await find_preferences(subscriber_id=subscriber_id, token=token)
    return await _begin_again(subscriber_id, act="resubscribed")


async def confirm(*, subscriber_id: UUID, token: str) -> bool:
    """Take an address as confirmed by whoever got the mail; False when it must not get mail."""
    await find_confirmation(subscriber_id=subscriber_id, token=token)
    return await _begin_again(subscriber_id, act="confirmed")


async def _begin_again(subscriber_id: UUID, *, act: str) -> bool:
    async with runtime.acting_as(Root()) as tx:
        found = SubscriberDetail.model_validate(
            dict(await queries.get_subscriber(tx, subscriber_id=subscriber_id))
        )
        if found.status is SubscriberStatus.ACTIVE:
            return True
        if found.status in (SubscriberStatus.BOUNCED, SubscriberStatus.COMPLAINED):
            return False
        await queries.insert_consent(tx, subscriber_id=subscriber_id, act=act)
        return await queries.reactivate_subscriber(tx, subscriber_id=subscriber_id)


async def is_double_opt_in(tx: Tx, *, scope: Scope) -> bool:
    """Say whether somebody who opts in confirms the address first."""
    team_id = scope.home_team_id
    return team_id is not None and await queries.is_double_opt_in(tx, team_id=team_id)


async def set_double_opt_in(*, scope: Scope, double_opt_in: bool) -> None:
    """Set whether somebody who opts in confirms the address first."""
    actor, team_id, _ = await acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await queries.upsert_list_settings(tx, team_id=team_id, double_opt_in=double_opt_in)
