"""The use cases of deliveries: reports are kept and applied, readers are counted once."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.domains.email.deliveries import queries, rules
from lodestone.domains.email.deliveries.models import (
    DaySums,
    EventType,
    Report,
    SourceSums,
    Statistics,
    Sums,
)
from lodestone.domains.email.deliveries.rules import share
from lodestone.domains.email.sending import service as sending
from lodestone.domains.identity.service import Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound
from lodestone.platform.secrets import BadToken

__all__ = ["count_click", "count_open", "find_webhook_secret", "keep_report", "share"]

SIGNING_CONTEXT = "email_settings.resend_webhook_secret"
KEPT_DAYS = 90


async def find_webhook_secret(*, tenant_id: UUID | None) -> str | None:
    """Return what signs the reports of an account: a tenant's own, or the installation's."""
    current = runtime.current()
    if tenant_id is None:
        return current.sending.resend_webhook_secret or None
    async with runtime.acting_as(Root(), readonly=True) as tx:
        sealed = await queries.find_webhook_secret(tx, tenant_id=tenant_id)
    return None if sealed is None else current.secrets.decrypt(sealed, context=SIGNING_CONTEXT)


async def keep_report(
    tx: Tx, *, event_key: str, tenant_id: UUID | None, body: bytes
) -> UUID | None:
    """Keep a report as it came; None when it is kept already. The caller enqueues its job."""
    return await queries.insert_report(
        tx,
        provider="resend",
        event_key=event_key,
        tenant_id=tenant_id,
        payload=body.decode("utf-8", "replace").replace("\x00", ""),
    )


async def apply_report(tx: Tx, *, report_id: UUID) -> None:
    """Make an event of a report, and of the event what follows; again it changes nothing."""
    row = await queries.lock_report(tx, report_id=report_id)
    if row is None:
        return
    report = rules.read_report(json.loads(row["payload"]))
    if report is None:
        await queries.set_applied(tx, report_id=report_id, outcome="of no concern")
        return
    message = await queries.find_message(
        tx, email_id=report.email_id, message_id=None, tenant_id=row["tenant_id"]
    )
    is_new = await _record(tx, report, message, svix_id=row["event_key"])
    outcome = "known" if not is_new else "unattributed" if message is None else "applied"
    await queries.set_applied(tx, report_id=report_id, outcome=outcome)


async def _record(tx: Tx, report: Report, message: Record | None, *, svix_id: str | None) -> bool:
    """Write an event down with what follows from it; False when it was written down before.

    An id that is not known stays unattributed: an address alone does not say whose mail it was.
    """
    known = {} if message is None else dict(message)
    metadata: dict[str, Any] = {
        "team_id": known.get("team_id"),
        "flow_id": known.get("flow_id"),
        "step_number": known.get("step_number"),
        "contact_id": known.get("flow_contact_id"),
        "broadcast_id": known.get("broadcast_id"),
        "svix_id": svix_id,
    }
    is_new = await queries.insert_event(
        tx,
        values={
            "email_id": report.email_id,
            "lead_id": known.get("funnel_lead_id"),
            "lead_magnet_id": known.get("lead_magnet_id"),
            "user_id": known.get("user_id"),
            "event_type": report.event_type,
            "recipient_email": known.get("recipient") or report.recipient,
            "subject": report.subject or known.get("subject"),
            "link_url": report.link,
            "bounce_type": report.bounce_type,
            "metadata": {
                name: value if isinstance(value, int) else str(value)
                for name, value in metadata.items()
                if value is not None
            },
            "created_at": report.happened_at,
            "team_id": known.get("team_id"),
            "tenant_id": known.get("tenant_id"),
            "subscriber_id": known.get("subscriber_id"),
            "outbox_id": known.get("id"),
        },
    )
    if is_new and message is not None:
        await queries.mark_message(
            tx, message_id=message["id"], event_type=report.event_type, at=report.happened_at
        )
        await _follow(tx, report, message)
    return is_new


async def _follow(tx: Tx, report: Report, message: Record) -> None:
    """Change what an event changes: who opens is a reader, who bounces or complains is none."""
    subscriber_id, tenant_id = message["subscriber_id"], message["tenant_id"]
    if report.event_type in (EventType.OPENED, EventType.CLICKED) and subscriber_id is not None:
        await queries.touch_subscriber(
            tx, subscriber_id=subscriber_id, event_type=report.event_type, at=report.happened_at
        )
    elif report.event_type is EventType.COMPLAINED:
        await queries.set_complained(tx, tenant_id=tenant_id, email=message["recipient"])
        await queries.suppress(
            tx, tenant_id=tenant_id, email=message["recipient"], reason="complained"
        )
        if subscriber_id is not None:
            await queries.end_flows(tx, subscriber_id=subscriber_id)
    elif report.event_type is EventType.BOUNCED:
        await _follow_bounce(tx, report, message)


async def _follow_bounce(tx: Tx, report: Report, message: Record) -> None:
    subscriber_id = message["subscriber_id"]
    is_lasting = rules.is_lasting(report.bounce_type)
    if not is_lasting and subscriber_id is not None:
        count = await queries.count_transient(
            tx, subscriber_id=subscriber_id, days=rules.TRANSIENT_DAYS
        )
        is_lasting = count >= rules.TRANSIENT_BOUNCES
    if not is_lasting:
        return
    if subscriber_id is None:
        await queries.suppress(
            tx, tenant_id=message["tenant_id"], email=message["recipient"], reason="bounced"
        )
        return
    await queries.set_bounced(tx, subscriber_id=subscriber_id)
    await queries.end_flows(tx, subscriber_id=subscriber_id)


async def record_dead(tx: Tx, *, message_id: UUID) -> None:
    """Note that a mail server says that a mailbox does not exist."""
    message = await queries.find_message(tx, email_id=None, message_id=message_id, tenant_id=None)
    if message is None:
        return
    report = Report(
        event_type=EventType.BOUNCED,
        email_id=message["provider_message_id"] or str(message_id),
        recipient=message["recipient"],
        subject=None,
        link=None,
        bounce_type="Permanent",
        happened_at=datetime.now(UTC),
    )
    await _record(tx, report, message, svix_id=f"smtp:{message_id}")


async def count_open(*, token: str) -> None:
    """Count that a mail was opened. A damaged token counts nothing."""
    await _count(token, EventType.OPENED, link=None)


async def count_click(*, token: str, link_token: str) -> str:
    """Count that a link was opened, and return where it leads. Raises BadToken."""
    link = sending.read_link(link_token)
    await _count(token, EventType.CLICKED, link=link)
    return link


async def _count(token: str, event_type: EventType, *, link: str | None) -> None:
    try:
        message_id = sending.read_mail(token)
    except (BadToken, ValueError):
        return
    async with runtime.acting_as(Root()) as tx:
        message = await queries.find_message(
            tx, email_id=None, message_id=message_id, tenant_id=None
        )
        if message is None:
            return
        now = datetime.now(UTC)
        report = Report(
            event_type=event_type,
            email_id=message["provider_message_id"] or str(message_id),
            recipient=message["recipient"],
            subject=None,
            link=link,
            bounce_type=None,
            happened_at=now,
        )
        # Once an hour is enough to know: a mail that is looked at for long is one event.
        key = f"own:{event_type}:{message_id}:{link or ''}:{now:%Y%m%d%H}"
        await _record(tx, report, message, svix_id=key[:500])


async def get_statistics(tx: Tx, *, scope: Scope, days: int) -> Statistics:
    """Return what became of a workspace's mail in the last days. Raises NotFound."""
    team_id = scope.home_team_id
    if team_id is None:
        raise NotFound("This workspace has no list.")
    return Statistics(
        days=days,
        totals=_sums(await queries.get_sums(tx, team_id=team_id, days=days, back=0)),
        before=_sums(await queries.get_sums(tx, team_id=team_id, days=days, back=days)),
        by_day=[
            DaySums.model_validate(dict(row))
            for row in await queries.list_by_day(tx, team_id=team_id, days=days)
        ],
        broadcasts=_sources(await queries.list_by_broadcast(tx, team_id=team_id, days=days)),
        flow_steps=_sources(await queries.list_by_flow_step(tx, team_id=team_id, days=days)),
        lead_magnets=_sources(await queries.list_by_lead_magnet(tx, team_id=team_id, days=days)),
    )


def _sums(row: Record) -> Sums:
    return Sums.model_validate(dict(row))


def _sources(rows: list[Record]) -> list[SourceSums]:
    return [SourceSums.model_validate(dict(row)) for row in rows]


async def purge_reports(tx: Tx) -> None:
    """Forget reports that were applied long ago."""
    await queries.purge_reports(tx, days=KEPT_DAYS)
