"""What operations does in the background."""

from uuid import UUID

from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.service import LeadCaptured, LeadQualified
from lodestone.domains.identity import service as identity
from lodestone.domains.operations import service
from lodestone.domains.operations.models import LeadSource, Touch
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.events import subscriber


@subscriber(LeadCaptured, "operations:record_lead", attempts=10)
async def record_lead(event: LeadCaptured) -> None:
    """Bring a captured lead into the tenant's pipeline; accounts of no tenant have none."""
    tenant_id, touch = await _read_touch(event.lead_id, acting_user_id=event.acting_user_id)
    if tenant_id is None:
        return
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, tenant_id=tenant_id)) as tx:
        await service.record_touch(tx, tenant_id=tenant_id, touch=touch)


@subscriber(LeadQualified, "operations:record_qualification", attempts=10)
async def record_qualification(event: LeadQualified) -> None:
    """Note on the trail that somebody answered and what that found; the qualified move on.

    The lead may not have come into the pipeline yet: then it does so now.
    """
    tenant_id, touch = await _read_touch(event.lead_id, acting_user_id=event.acting_user_id)
    if tenant_id is None:
        return
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, tenant_id=tenant_id)) as tx:
        lead_id = await service.record_touch(tx, tenant_id=tenant_id, touch=touch)
        await service.record_survey(
            tx,
            tenant_id=tenant_id,
            lead_id=lead_id,
            touch=touch,
            is_qualified=event.qualified,
            answered_at=event.answered_at,
        )


async def _read_touch(lead_id: UUID, *, acting_user_id: UUID) -> tuple[UUID | None, Touch]:
    """Return the tenant whose pipeline it is, and what the funnel knows of the person."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=acting_user_id)) as tx:
        captured = await funnels.get_lead(tx, lead_id=lead_id)
        workspace = await identity.get_workspace(tx, user_id=acting_user_id)
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
    return workspace.tenant_id, touch
