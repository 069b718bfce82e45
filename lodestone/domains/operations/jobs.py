"""What operations does in the background."""

from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.service import LeadCaptured
from lodestone.domains.identity import service as identity
from lodestone.domains.operations import service
from lodestone.domains.operations.models import LeadSource, Touch
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.events import subscriber


@subscriber(LeadCaptured, "operations:record_lead", attempts=10)
async def record_lead(event: LeadCaptured) -> None:
    """Bring a captured lead into the tenant's pipeline; accounts of no tenant have none."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=event.acting_user_id)) as tx:
        captured = await funnels.get_lead(tx, lead_id=event.lead_id)
        workspace = await identity.get_workspace(tx, user_id=event.acting_user_id)
    if workspace.tenant_id is None:
        return
    touch = Touch(
        source=LeadSource.ORGANIC,
        email=captured.email,
        name=captured.name,
        utm_source=captured.utm_source,
        utm_medium=captured.utm_medium,
        utm_campaign=captured.utm_campaign,
        funnel_lead_id=captured.id,
        funnel_slug=captured.slug,
        lead_magnet_title=captured.lead_magnet_title,
        touched_at=captured.created_at,
    )
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, tenant_id=workspace.tenant_id)) as tx:
        await service.record_touch(tx, tenant_id=workspace.tenant_id, touch=touch)
