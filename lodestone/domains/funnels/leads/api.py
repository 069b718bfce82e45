"""What programs do with leads."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from lodestone.auth.dependencies import CurrentUser
from lodestone.domains.funnels.leads import service
from lodestone.domains.funnels.leads.models import OutcomeCreate
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer

router = APIRouter(prefix="/api/funnels", tags=["funnels"])


class Noted(BaseModel):
    """Whether an outcome is new; the same key again is not."""

    is_new: bool


@router.post("/leads/{lead_id}/outcomes", status_code=201)
async def note_outcome(user: CurrentUser, lead_id: UUID, given: OutcomeCreate) -> Noted:
    """Note that a lead booked a call, or paid; with a `key` however often it is told.

    Calendars and shops call this through an automation of their own.
    """
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await service.get_lead(tx, lead_id=lead_id)
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        count = await service.note_outcome(tx, lead_ids=[lead_id], given=given)
    return Noted(is_new=count > 0)
