"""The use cases of mail, and the door for other domains."""

from datetime import datetime
from uuid import UUID

from lodestone.domains.email import queries, rules
from lodestone.domains.email.models import (
    Message,
    MessageKind,
    MessageRow,
    MessageStatus,
    NewMessage,
    Subscriber,
)
from lodestone.domains.email.sending.service import (
    list_messages,
    list_messages_to,
    queue_message,
    read_message,
    requeue_message,
    send_message,
)
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.email.subscribers.models import OptedIn
from lodestone.domains.email.subscribers.service import unsubscribe_url
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound
from lodestone.platform.secrets import BadToken

__all__ = [
    "Message",
    "MessageKind",
    "MessageRow",
    "MessageStatus",
    "NewMessage",
    "OptedIn",
    "Subscriber",
    "end_subscription",
    "find_subscriber",
    "list_messages",
    "list_messages_to",
    "queue_message",
    "read_message",
    "requeue_message",
    "send_message",
    "subscribe_lead",
    "unsubscribe_url",
]


async def subscribe_lead(
    tx: Tx,
    *,
    tenant_id: UUID,
    team_id: UUID,
    email: str,
    name: str | None,
    lead_magnet_id: UUID | None,
    given_at: datetime,
) -> OptedIn:
    """Keep somebody who opted in at `given_at` on the team's list."""
    return await subscribers.keep_opt_in(
        tx,
        tenant_id=tenant_id,
        team_id=team_id,
        email=email,
        first_name=rules.first_name(name),
        last_name=rules.last_name(name),
        lead_magnet_id=lead_magnet_id,
        given_at=given_at,
    )


async def find_subscriber(*, subscriber_id: UUID, token: str) -> Subscriber:
    """Return whom an unsubscribe link is for.

    Raises BadToken when the link is damaged or of another, NotFound when the person was erased.
    """
    if runtime.current().secrets.verify("unsubscribe", token) != str(subscriber_id):
        raise BadToken("This link is for somebody else.", status=403)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        row = await queries.find_subscriber(tx, subscriber_id=subscriber_id)
    if row is None:
        raise NotFound("This address is not on the list any more.")
    return Subscriber.model_validate(dict(row))


async def end_subscription(*, subscriber_id: UUID, token: str) -> Subscriber:
    """End a subscription for whoever holds its link; again it changes nothing.

    Raises BadToken when the link is damaged or of another, NotFound when the person was erased.
    """
    found = await find_subscriber(subscriber_id=subscriber_id, token=token)
    async with runtime.acting_as(Root()) as tx:
        await subscribers.end_own(tx, subscriber_id=subscriber_id)
    return found
