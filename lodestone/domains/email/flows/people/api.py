"""Flows for programs: they put people in, and tell what somebody did."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, EmailStr, Field, StringConstraints

from lodestone.auth.dependencies import CurrentUser
from lodestone.domains.email.flows import engine, jobs
from lodestone.domains.email.flows.models import OF_MAILS, ContactAdd, Happening
from lodestone.domains.email.flows.people import service
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput

router = APIRouter(prefix="/api/email", tags=["Flows"])


class HappeningTold(BaseModel):
    """What somebody did; `id` names the occurrence, and the same again says nothing."""

    email: EmailStr
    event: Happening = Happening.WEBHOOK
    id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] = (
        Field(description="Your own name for this occurrence, such as an order number")
    )


class ContactAdded(BaseModel):
    """Whom was put into a flow."""

    email: str


class Told(BaseModel):
    """What was told; flows that wait for it go on."""

    email: str
    event: Happening


@router.post("/flows/{flow_id}/contacts", status_code=201)
async def add_contact(
    _: CurrentUser, scope: CurrentScope, flow_id: UUID, given: ContactAdd
) -> ContactAdded:
    """Put somebody of the list into an active flow.

    404 for a flow of others, 409 when they are in it already, 422 when they are not on the list.
    """
    actor = (await subscribers.acting_for(scope))[0]
    async with runtime.acting_as(actor) as tx:
        running, follow_ups = await service.enter_by_hand(
            tx, scope=scope, flow_id=flow_id, email_address=given.email
        )
        await jobs.enqueue_follow_ups(tx, running, follow_ups)
    return ContactAdded(email=given.email)


@router.post("/happenings", status_code=202)
async def tell_happening(_: CurrentUser, scope: CurrentScope, given: HappeningTold) -> Told:
    """Tell the flows of the business that somebody did something; 422 for what mails tell."""
    if given.event in OF_MAILS:
        raise InvalidInput(
            "Mails tell this themselves.", fields={"event": "Opens and clicks are seen by us."}
        )
    actor, _team, tenant_id = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await engine.tell(
            tx,
            tenant_id=tenant_id,
            email_address=given.email,
            event=given.event,
            source=f"program:{given.event}:{given.id}",
        )
    return Told(email=given.email, event=given.event)
