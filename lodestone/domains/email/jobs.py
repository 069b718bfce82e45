"""What mail does in the background."""

from datetime import UTC

from lodestone.domains.email import rules, service
from lodestone.domains.email.models import MessageKind, NewMessage
from lodestone.domains.email.sending.jobs import SendMessage, resend, send_message
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.email.subscribers.jobs import check_import, run_import
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.service import LeadCaptured
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform import pages, runtime
from lodestone.platform.actors import Service, Writer
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


@subscriber(LeadCaptured, "email:deliver_resource", attempts=10)
async def deliver_resource(event: LeadCaptured) -> None:
    """Put a captured lead on the list, and its resource mail into the outbox.

    Somebody who comes back gets the mail again, once a day at most.
    """
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=event.acting_user_id)) as tx:
        lead = await funnels.get_lead(tx, lead_id=event.lead_id)
        page = await funnels.get_funnel(tx, funnel_page_id=event.funnel_page_id)
        workspace = await identity.get_workspace(tx, user_id=event.acting_user_id)
        kit = await lead_magnets.find_brand_kit(tx, user_id=page.user_id, team_id=page.team_id)
    team_id = page.team_id or workspace.personal_team_id
    if workspace.tenant_id is None or team_id is None:
        return
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, user_id=event.acting_user_id)) as tx:
        subscriber = await service.subscribe_lead(
            tx,
            tenant_id=workspace.tenant_id,
            team_id=team_id,
            email=lead.email,
            name=lead.name,
            lead_magnet_id=page.lead_magnet_id,
            given_at=event.captured_at,
        )
        subscriber_id = subscriber.id
        sender_name = (kit or {}).get("sender_name") or workspace.name or "The team"
        day = event.captured_at.astimezone(UTC).date()
        if subscriber.must_confirm:
            confirmation = subscribers.confirmation_of(
                subscriber,
                email=lead.email,
                team_id=team_id,
                tenant_id=workspace.tenant_id,
                user_id=event.acting_user_id,
                sender_name=sender_name,
                reply_to=workspace.email,
                day=day.isoformat(),
            )
            confirmation_id = await service.queue_message(tx, message=confirmation)
            await send_message.enqueue(tx, SendMessage(confirmation_id, event.acting_user_id))
        if not page.send_resource_email or page.path is None:
            return
        title = page.lead_magnet_title or page.optin_headline
        unsubscribe_url = service.unsubscribe_url(subscriber_id)
        context = {
            "first_name": rules.first_name(lead.name),
            "title": title,
            "url": f"{runtime.current().base_url}{page.path}/content"
            f"?lead={funnels.sign_lead(lead.id)}",
            "sender_name": sender_name,
            "colour": page.primary_color or funnels.DEFAULT_COLOUR,
            "text_colour": funnels.readable_on(page.primary_color or funnels.DEFAULT_COLOUR),
            "unsubscribe_url": unsubscribe_url,
        }
        message = NewMessage(
            dedupe_key=rules.resource_key(
                lead_id=lead.id,
                first_day=lead.created_at.astimezone(UTC).date(),
                day=day,
            ),
            kind=MessageKind.RESOURCE,
            recipient=lead.email,
            recipient_name=lead.name,
            reply_to_email=workspace.email,
            subject=f"Your {title} is ready"[:500],
            html=pages.render_text("email/resource.html", context),
            text=pages.render_text("email/resource.txt", context),
            headers={
                "List-Unsubscribe": f"<{unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            tenant_id=workspace.tenant_id,
            team_id=team_id,
            user_id=event.acting_user_id,
            subscriber_id=subscriber_id,
            funnel_lead_id=lead.id,
            lead_magnet_id=page.lead_magnet_id,
        )
        message_id = await service.queue_message(tx, message=message)
        await send_message.enqueue(tx, SendMessage(message_id, event.acting_user_id))
