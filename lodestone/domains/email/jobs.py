"""What mail does in the background."""

from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from lodestone.domains.email import rules, service
from lodestone.domains.email.flows import engine
from lodestone.domains.email.flows import jobs as flow_jobs
from lodestone.domains.email.flows.models import Happening
from lodestone.domains.email.flows.people import service as people
from lodestone.domains.email.models import MessageKind, NewMessage
from lodestone.domains.email.sending.jobs import SendMessage, resend, send_message
from lodestone.domains.email.sequences import jobs as sequence_jobs
from lodestone.domains.email.sequences import service as sequences
from lodestone.domains.email.sequences.models import Sequence
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.email.subscribers.jobs import check_import, run_import
from lodestone.domains.email.subscribers.models import OptedIn
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.service import FunnelLead, FunnelPage, LeadCaptured
from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import Workspace
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform import pages, runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.events import subscriber

# Those that are declared elsewhere are imported here so that every worker knows them.
__all__ = [
    "SendMessage",
    "check_import",
    "deliver_resource",
    "resend",
    "run_import",
    "send_message",
]


@dataclass(frozen=True, slots=True)
class _OptIn:
    """An opt-in with the page, the person and whose mail answers it."""

    event: LeadCaptured
    lead: FunnelLead
    page: FunnelPage
    workspace: Workspace
    tenant_id: UUID
    team_id: UUID
    sender_name: str


@subscriber(LeadCaptured, "email:deliver_resource", attempts=10)
async def deliver_resource(event: LeadCaptured) -> None:
    """Put a captured lead on the list and answer in one way: flow, sequence or resource mail.

    The active flow of the lead magnet comes first, then its active welcome sequence, then the mail
    with the resource; without any of them the thank-you page shows it.
    """
    opt_in = await _read(event)
    if opt_in is None:
        return
    running = None
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, user_id=event.acting_user_id)) as tx:
        flow_id = await _find_active_flow(tx, opt_in)
        sequence = await _find_active_sequence(tx, opt_in)
    if flow_id is not None:
        running = await engine.find_running(flow_id)
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, user_id=event.acting_user_id)) as tx:
        found = await service.subscribe_lead(
            tx,
            tenant_id=opt_in.tenant_id,
            team_id=opt_in.team_id,
            email=opt_in.lead.email,
            name=opt_in.lead.name,
            lead_magnet_id=opt_in.page.lead_magnet_id,
            given_at=event.captured_at,
        )
        if found.must_confirm:
            await _ask_to_confirm(tx, opt_in, found)
        await engine.tell(
            tx,
            tenant_id=opt_in.tenant_id,
            email_address=opt_in.lead.email,
            event=Happening.OPTED_IN,
            source=f"opted_in:{opt_in.lead.id}:{event.captured_at.isoformat()}",
        )
        if running is not None and running.flow.team_id == opt_in.team_id:
            follow_ups = await people.enter_by_opt_in(
                tx,
                running,
                subscriber_id=found.id,
                email_address=opt_in.lead.email,
                status=found.status,
                first_name=rules.first_name(opt_in.lead.name),
                funnel_lead_id=opt_in.lead.id,
                captured_at=event.captured_at,
            )
            await flow_jobs.enqueue_follow_ups(tx, running, follow_ups)
        elif sequence is not None:
            enrolment_id = await sequences.enrol_lead(
                tx, sequence=sequence, funnel_lead_id=opt_in.lead.id
            )
            if enrolment_id is not None:
                await sequence_jobs.begin(tx, sequence=sequence, enrolment_id=enrolment_id)
        elif opt_in.page.send_resource_email and opt_in.page.path is not None:
            await _mail_resource(tx, opt_in, found.id)


async def _read(event: LeadCaptured) -> _OptIn | None:
    """Return what the answer needs; None for an account without a list."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=event.acting_user_id)) as tx:
        lead = await funnels.get_lead(tx, lead_id=event.lead_id)
        page = await funnels.get_funnel(tx, funnel_page_id=event.funnel_page_id)
        workspace = await identity.get_workspace(tx, user_id=event.acting_user_id)
        kit = await lead_magnets.find_brand_kit(tx, user_id=page.user_id, team_id=page.team_id)
    team_id = page.team_id or workspace.personal_team_id
    if workspace.tenant_id is None or team_id is None:
        return None
    return _OptIn(
        event=event,
        lead=lead,
        page=page,
        workspace=workspace,
        tenant_id=workspace.tenant_id,
        team_id=team_id,
        sender_name=(kit or {}).get("sender_name") or workspace.name or "The team",
    )


async def _find_active_flow(tx: Tx, opt_in: _OptIn) -> UUID | None:
    if opt_in.page.lead_magnet_id is None:
        return None
    return await people.find_active_flow(tx, lead_magnet_id=opt_in.page.lead_magnet_id)


async def _find_active_sequence(tx: Tx, opt_in: _OptIn) -> Sequence | None:
    if opt_in.page.lead_magnet_id is None or opt_in.page.path is None:
        return None
    found = await sequences.find_sequence(tx, lead_magnet_id=opt_in.page.lead_magnet_id)
    return found if found is not None and found.is_active else None


async def _ask_to_confirm(tx: Tx, opt_in: _OptIn, found: OptedIn) -> None:
    """Queue the mail that asks somebody to confirm the address, one a day at most."""
    confirmation = subscribers.confirmation_of(
        found,
        email=opt_in.lead.email,
        team_id=opt_in.team_id,
        tenant_id=opt_in.tenant_id,
        user_id=opt_in.event.acting_user_id,
        sender_name=opt_in.sender_name,
        reply_to=opt_in.workspace.email,
        day=opt_in.event.captured_at.astimezone(UTC).date().isoformat(),
    )
    message_id = await service.queue_message(tx, message=confirmation)
    await send_message.enqueue(tx, SendMessage(message_id, opt_in.event.acting_user_id))


async def _mail_resource(tx: Tx, opt_in: _OptIn, subscriber_id: UUID) -> None:
    """Queue the mail with the resource; somebody who comes back gets it once a day at most."""
    lead, page = opt_in.lead, opt_in.page
    title = page.lead_magnet_title or page.optin_headline
    unsubscribe_url = service.unsubscribe_url(subscriber_id)
    colour = page.primary_color or funnels.DEFAULT_COLOUR
    context = {
        "first_name": rules.first_name(lead.name),
        "title": title,
        "url": f"{runtime.current().base_url}{page.path}/content?lead={funnels.sign_lead(lead.id)}",
        "sender_name": opt_in.sender_name,
        "colour": colour,
        "text_colour": funnels.readable_on(colour),
        "unsubscribe_url": unsubscribe_url,
    }
    message = NewMessage(
        dedupe_key=rules.resource_key(
            lead_id=lead.id,
            first_day=lead.created_at.astimezone(UTC).date(),
            day=opt_in.event.captured_at.astimezone(UTC).date(),
        ),
        kind=MessageKind.RESOURCE,
        recipient=lead.email,
        recipient_name=lead.name,
        reply_to_email=opt_in.workspace.email,
        subject=f"Your {title} is ready"[:500],
        html=pages.render_text("email/resource.html", context),
        text=pages.render_text("email/resource.txt", context),
        headers={
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        tenant_id=opt_in.tenant_id,
        team_id=opt_in.team_id,
        user_id=opt_in.event.acting_user_id,
        subscriber_id=subscriber_id,
        funnel_lead_id=lead.id,
        lead_magnet_id=page.lead_magnet_id,
    )
    message_id = await service.queue_message(tx, message=message)
    await send_message.enqueue(tx, SendMessage(message_id, opt_in.event.acting_user_id))
