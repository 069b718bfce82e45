"""Stripe's webhooks: verified, kept, answered; a job applies them."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.connectors import stripe
from lodestone.domains.identity.billing import events
from lodestone.domains.identity.billing.jobs import ApplyEvent, apply_stripe_event
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.forms import read_body

LARGEST_EVENT = 512 * 1024  # bytes

router = APIRouter(include_in_schema=False)


@router.post("/hooks/stripe")
async def take_stripe_event(request: Request) -> Response:
    """Keep an event and answer at once; the same again is answered alike and changes nothing."""
    stripe.refuse_unset()
    body = await read_body(request, most_bytes=LARGEST_EVENT)
    event = stripe.verify(body, request.headers.get("stripe-signature"))
    async with runtime.acting_as(Service(Writer.MAGNETLAB)) as tx:
        event_id = await events.keep_event(tx, event=event)
        if event_id is not None:
            await apply_stripe_event.enqueue(tx, ApplyEvent(event_id))
    return JSONResponse({"received": True}, headers={"cache-control": "no-store"})
