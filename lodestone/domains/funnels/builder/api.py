"""Funnels for programs: draft one or many, change, publish, hide."""

from uuid import UUID

from fastapi import APIRouter

from lodestone.auth.dependencies import CurrentUser, UserTx
from lodestone.domains.funnels import service
from lodestone.domains.funnels.builder.models import (
    CreatedRow,
    FunnelCreate,
    FunnelsCreate,
)
from lodestone.domains.funnels.models import FunnelPage, FunnelUpdate
from lodestone.platform import runtime

router = APIRouter(prefix="/api/funnels", tags=["funnels"])


@router.post("", status_code=201)
async def draft_funnel(user: CurrentUser, given: FunnelCreate) -> FunnelPage:
    """Draft a funnel in the look of the brand; with `publish` it is shown at once.

    409 when what it gives away has a funnel already, or another funnel has its address.
    """
    async with runtime.acting_as(user.actor) as tx:
        page = await service.draft_giveaway(
            tx,
            user_id=user.user_id,
            target_type=given.target_type,
            target_id=given.target_id,
            given=given,
        )
        if not given.publish:
            return page
        return await service.publish_funnel(tx, funnel_page_id=page.id)


@router.post("/bulk")
async def draft_funnels(user: CurrentUser, given: FunnelsCreate) -> list[CreatedRow]:
    """Draft up to a hundred funnels; each row says what became of it, and none stops the others."""
    return await service.draft_funnels(user.actor, user_id=user.user_id, given=given.funnels)


@router.patch("/{funnel_page_id}")
async def revise_funnel(tx: UserTx, funnel_page_id: UUID, given: FunnelUpdate) -> FunnelPage:
    """Change what is given and nothing else; null clears."""
    return await service.revise_funnel(tx, funnel_page_id=funnel_page_id, given=given)


@router.post("/{funnel_page_id}/publish")
async def publish_funnel(tx: UserTx, funnel_page_id: UUID) -> FunnelPage:
    """Show a funnel to everybody; 422 names whatever is missing."""
    return await service.publish_funnel(tx, funnel_page_id=funnel_page_id)


@router.post("/{funnel_page_id}/unpublish")
async def unpublish_funnel(tx: UserTx, funnel_page_id: UUID) -> FunnelPage:
    """Hide a funnel: its addresses answer 404 at once, and its leads stay."""
    return await service.unpublish_funnel(tx, funnel_page_id=funnel_page_id)
