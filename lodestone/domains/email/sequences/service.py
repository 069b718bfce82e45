"""The use cases of welcome sequences: written, read, switched on, and sent one mail at a time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.domains.email import service as email
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.flows.rules import find_zone
from lodestone.domains.email.models import MessageKind, NewMessage
from lodestone.domains.email.sequences import queries, rules
from lodestone.domains.email.sequences.models import MOST_MAILS, Sequence, WelcomeMail
from lodestone.domains.email.sequences.writing import Ground, Link, write_welcome
from lodestone.domains.funnels import service as funnels
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound

EARLY = timedelta(minutes=1)
"""A mail that turns out to be due later than that waits until then."""

_REASON = "You get this mail because you asked {{sender_name|us}} for {{resource_title}}."


@dataclass(frozen=True, slots=True)
class Move:
    """What a look at somebody's next mail led to: a message, a later look, or neither."""

    message_id: UUID | None = None
    again_at: datetime | None = None
    owner_id: UUID | None = None


def _writer(user_id: UUID) -> Service:
    return Service(Writer.MAGNETLAB, user_id=user_id)


async def find_sequence(tx: Tx, *, lead_magnet_id: UUID) -> Sequence | None:
    """Find the welcome mails of a lead magnet."""
    row = await queries.find_sequence(tx, lead_magnet_id=lead_magnet_id)
    return None if row is None else Sequence.model_validate(dict(row))


async def write_sequence(*, user_id: UUID, tenant_id: UUID | None, lead_magnet_id: UUID) -> bool:
    """Write all five mails anew, as a draft; return whether a model wrote them.

    Raises: NotFound when the magnet is invisible; identity's UsageLimitExceeded when the plan of
    whoever pays holds no more sequences.
    """
    actor = _writer(user_id)
    async with runtime.acting_as(actor, readonly=True) as tx:
        row = await queries.get_context(tx, lead_magnet_id=lead_magnet_id)
        if row is None:
            raise NotFound("There is no such lead magnet.")
        home_team_id = row["team_id"] or await queries.find_personal_team(tx, user_id=user_id)
        if home_team_id is None:
            raise NotFound("This workspace has no list.")
        knowledge = await queries.list_knowledge(
            tx, user_id=row["user_id"], team_id=row["team_id"], words=row["title"]
        )
    reader = Service(Writer.GTM_SYSTEM, user_id=user_id)
    async with runtime.acting_as(reader, readonly=True) as tx:
        brand = await designs.find_brand(tx, team_id=home_team_id)
    outcome = await write_welcome(
        _ground(row, sender_name=brand.name, knowledge=knowledge),
        user_id=user_id,
        team_id=row["team_id"],
        tenant_id=tenant_id,
    )
    is_of_model = outcome.model != "offline"
    async with runtime.acting_as(actor) as tx:
        await _keep(
            tx,
            row,
            lead_magnet_id=lead_magnet_id,
            user_id=user_id,
            emails=list(outcome.value.emails),
            written_by="model" if is_of_model else "template",
        )
    return is_of_model


def _ground(row: Record, *, sender_name: str, knowledge: list[str]) -> Ground:
    content: dict[str, Any] = row["polished_content"] or {}
    parts = [str(part.get("sectionName", "")) for part in content.get("sections", [])]
    links = [
        Link(title=str(each.get("title", "")), url=str(each.get("url", "")))
        for each in row["content_links"] or []
        if isinstance(each, dict) and str(each.get("url", "")).startswith("http")
    ]
    video_url = row["best_video_url"]
    return Ground(
        title=row["title"],
        format=(row["archetype"] or "").replace("-", " "),
        contents=[part for part in parts if part],
        summary=row["short_description"] or "",
        sender_name=sender_name,
        business_description=row["business_description"] or "",
        video=[Link(title=row["best_video_title"] or "", url=video_url)] if video_url else [],
        links=links[:5],
        community_url=row["community_url"] or "",
        example=row["success_example"] or "",
        knowledge=knowledge,
    )


async def _keep(
    tx: Tx,
    context: Record,
    *,
    lead_magnet_id: UUID,
    user_id: UUID,
    emails: list[WelcomeMail],
    written_by: str,
) -> None:
    kept = [mail.kept() for mail in emails]
    known = await queries.lock_sequence(tx, lead_magnet_id=lead_magnet_id)
    if known is not None:
        await queries.update_emails(tx, sequence_id=known["id"], emails=kept, written_by=written_by)
        return
    with identity.limits_told():
        await queries.insert_sequence(
            tx,
            lead_magnet_id=lead_magnet_id,
            user_id=user_id,
            team_id=context["team_id"],
            emails=kept,
            written_by=written_by,
        )


async def save_mails(*, user_id: UUID, lead_magnet_id: UUID, emails: list[WelcomeMail]) -> None:
    """Replace the mails by what a person wrote; the sequence is a draft again.

    Raises: InvalidInput naming a mail with a field we don't know; NotFound.
    """
    if len(emails) > MOST_MAILS:
        raise InvalidInput(
            "That is too many.", fields={"emails": f"A sequence has at most {MOST_MAILS} mails."}
        )
    _check_fields(emails)
    async with runtime.acting_as(_writer(user_id)) as tx:
        context = await queries.get_context(tx, lead_magnet_id=lead_magnet_id)
        if context is None:
            raise NotFound("There is no such lead magnet.")
        await _keep(
            tx,
            context,
            lead_magnet_id=lead_magnet_id,
            user_id=user_id,
            emails=sorted(emails, key=lambda mail: mail.day),
            written_by="person",
        )


def _check_fields(emails: list[WelcomeMail]) -> None:
    texts = {}
    for number, mail in enumerate(emails):
        texts[f"subject_{number}"] = mail.subject
        texts[f"body_{number}"] = mail.body
    designs.check_fields(texts, with_resource=True)


async def activate_sequence(*, user_id: UUID, lead_magnet_id: UUID) -> None:
    """Send the mails to whoever opts in from now on.

    Raises: InvalidInput listing placeholders that are left, and NotFound without mails.
    """
    async with runtime.acting_as(_writer(user_id)) as tx:
        row = await queries.lock_sequence(tx, lead_magnet_id=lead_magnet_id)
        if row is None:
            raise NotFound("Write the mails first.")
        sequence = Sequence.model_validate(dict(row))
        if not sequence.emails:
            raise InvalidInput("There is no mail yet.", fields={"emails": "Write a mail first."})
        gaps = rules.list_placeholders(sequence.emails)
        if gaps:
            raise InvalidInput(
                "There are gaps left.", fields={"emails": f"Fill these first: {', '.join(gaps)}"}
            )
        _check_fields(sequence.emails)
        if not sequence.is_active:
            await queries.set_status(tx, sequence_id=sequence.id, status="active")


async def deactivate_sequence(*, user_id: UUID, lead_magnet_id: UUID) -> None:
    """Send no more of the mails, to nobody; raises Conflict when they are off already."""
    async with runtime.acting_as(_writer(user_id)) as tx:
        row = await queries.lock_sequence(tx, lead_magnet_id=lead_magnet_id)
        if row is None or row["status"] != "active":
            raise Conflict("The mails are off already.")
        await queries.set_status(tx, sequence_id=row["id"], status="draft")


async def count_enrolments(tx: Tx, *, sequence_id: UUID) -> dict[str, int]:
    """Return how many get the mails, have them all, and get no more."""
    return await queries.count_enrolments(tx, sequence_id=sequence_id)


async def list_mail_stats(tx: Tx, *, sequence_id: UUID) -> dict[int, dict[str, int]]:
    """Return how many got, opened and clicked each mail."""
    rows = await queries.list_mail_stats(tx, sequence_id=sequence_id)
    return {row["place"]: dict(row) for row in rows}


async def enrol_lead(tx: Tx, *, sequence: Sequence, funnel_lead_id: UUID) -> UUID | None:
    """Enrol somebody who opted in; None when they get the mails already."""
    return await queries.insert_enrolment(
        tx, sequence_id=sequence.id, funnel_lead_id=funnel_lead_id
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """One mail of one enrolment, with what was read about it, and who may queue it."""

    row: Record
    index: int
    actor: Service


async def prepare_mail(*, enrolment_id: UUID, index: int) -> Prepared | None:
    """Return one mail of an enrolment; None when nobody waits for it any more."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        row = await queries.find_enrolment(tx, enrolment_id=enrolment_id)
    if row is None or row["status"] == "stopped" or row["tenant_id"] is None:
        return None
    actor = Service(Writer.GTM_SYSTEM, user_id=row["owner_id"], tenant_id=row["tenant_id"])
    return Prepared(row=row, index=index, actor=actor)


async def take_mail(tx: Tx, prepared: Prepared) -> Move:
    """Queue a welcome mail that is due and wanted; say when to look again, if at all.

    Nothing is queued while the sequence or all mail is switched off, or before the address is
    confirmed. Whoever left the list gets no more.
    """
    row, index = prepared.row, prepared.index
    emails = [WelcomeMail.model_validate(mail) for mail in row["emails"]]
    owner_id: UUID = row["owner_id"]
    if row["subscriber_status"] in ("unsubscribed", "bounced", "complained"):
        await queries.end_enrolment(
            tx, enrolment_id=row["id"], status="stopped", reason=row["subscriber_status"]
        )
        return Move()
    if index >= len(emails) or row["subscriber_id"] is None:
        return Move()
    is_silent = row["sequence_status"] != "active" or not row["is_on"]
    if is_silent or row["subscriber_status"] != "active":
        return Move()
    due = rules.due_at(
        row["enrolled_at"],
        day=emails[index].day,
        zone=find_zone(row["timezone"], row["settings_timezone"]),
    )
    if due - datetime.now(UTC) > EARLY:
        return Move(again_at=due, owner_id=owner_id)
    message_id = await _queue(tx, row, emails[index], index)
    if index == len(emails) - 1:
        await queries.end_enrolment(tx, enrolment_id=row["id"], status="completed")
    return Move(message_id=message_id, owner_id=owner_id)


async def _queue(tx: Tx, row: Record, mail: WelcomeMail, index: int) -> UUID:
    page = await funnels.get_funnel(tx, funnel_page_id=row["funnel_page_id"])
    brand = await designs.find_brand(tx, team_id=row["team_id"])
    letter = designs.Letter(subject=mail.subject, body=mail.body, reason=_REASON)
    compiled = await designs.compile_design(tx, team_id=row["team_id"], letter=letter, brand=brand)
    token = funnels.sign_lead(row["funnel_lead_id"])
    first_name = row["first_name"] or (row["name"] or "").partition(" ")[0] or None
    values = designs.merge_values(
        subscriber_id=row["subscriber_id"],
        email=row["email"],
        first_name=first_name,
        last_name=row["last_name"],
        company=row["company"],
        sender_name=brand.name,
        resource_url=f"{runtime.current().base_url}{page.path}/content?lead={token}",
        resource_title=page.lead_magnet_title or page.optin_headline,
    )
    filled = compiled.fill(values)
    message = NewMessage(
        dedupe_key=rules.message_key(lead_id=row["funnel_lead_id"], index=index),
        kind=MessageKind.SEQUENCE,
        recipient=row["email"],
        recipient_name=values["name"],
        subject=filled.subject[:500],
        html=filled.html,
        text=filled.text,
        headers={
            "List-Unsubscribe": f"<{values['unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        tenant_id=row["tenant_id"],
        team_id=row["team_id"],
        user_id=row["owner_id"],
        subscriber_id=row["subscriber_id"],
        funnel_lead_id=row["funnel_lead_id"],
        lead_magnet_id=row["lead_magnet_id"],
    )
    return await email.queue_message(tx, message=message)


def list_overdue(prepared: Prepared) -> list[int]:
    """Return the places of the mails that are due by now; the outbox knows which of them went."""
    zone = find_zone(prepared.row["timezone"], prepared.row["settings_timezone"])
    now = datetime.now(UTC)
    return [
        index
        for index, mail in enumerate(prepared.row["emails"])
        if rules.due_at(prepared.row["enrolled_at"], day=mail["day"], zone=zone) <= now
    ]
