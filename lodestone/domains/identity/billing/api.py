"""Plans for programs: what an account has, and how it buys."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel

from lodestone.auth.dependencies import CurrentUser, OneTx
from lodestone.auth.models import SignedIn
from lodestone.domains.identity.billing import service
from lodestone.domains.identity.billing.models import BillingSummary, Plan, Subscription
from lodestone.platform.errors import Forbidden

router = APIRouter(prefix="/api/billing", tags=["billing"])


class Destination(BaseModel):
    """Where a person has to go on, at Stripe."""

    url: str


ChosenPlan = Annotated[Plan, Body(embed=True, alias="plan")]


async def buyer(user: CurrentUser) -> SignedIn:
    """Return who may buy. Raises: Forbidden for onlookers, and keys that may not administer."""
    if user.viewing is not None or not user.may_administer:
        raise Forbidden("This may look at plans and buy nothing.")
    return user


Buyer = Annotated[SignedIn, Depends(buyer)]


@router.get("")
async def get_billing(user: CurrentUser, tx: OneTx) -> BillingSummary:
    """Return the plan of the account and what was used of it."""
    return await service.get_summary(tx, user_id=user.user_id)


@router.post("/checkout")
async def start_checkout(user: Buyer, plan: ChosenPlan) -> Destination:
    """Return where the account buys a plan."""
    url = await service.start_checkout(
        user_id=user.user_id, email=user.email, name=user.name, plan=plan
    )
    return Destination(url=url)


@router.post("/portal")
async def open_portal(user: Buyer) -> Destination:
    """Return where the account sees its invoices and changes its card."""
    return Destination(url=await service.open_portal(user_id=user.user_id))


@router.post("/change")
async def change_plan(user: Buyer, plan: ChosenPlan) -> Subscription:
    """Move to another plan now; the difference is billed at once."""
    return await service.change_plan(user_id=user.user_id, plan=plan)


@router.post("/cancel")
async def cancel_plan(user: Buyer) -> Subscription:
    """End the plan with the period that is paid for."""
    return await service.end_plan(user_id=user.user_id)


@router.post("/reactivate")
async def reactivate_plan(user: Buyer) -> Subscription:
    """Go on with a plan that was about to end."""
    return await service.keep_plan(user_id=user.user_id)
