"""The screens of plans: what one has, what others hold, and what an installation sells."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentSuperAdmin, CurrentUser, OneTx
from lodestone.auth.models import SignedIn
from lodestone.connectors.stripe import StripeRefused, StripeUnavailable
from lodestone.domains.identity.administration.pages import tabs
from lodestone.domains.identity.administration.service import note
from lodestone.domains.identity.billing import events, rules, service
from lodestone.domains.identity.billing.jobs import ApplyEvent, apply_stripe_event
from lodestone.domains.identity.billing.models import Period, Plan
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.errors import Forbidden, InvalidInput
from lodestone.platform.forms import read_form
from lodestone.platform.pages import Entry, Toast, add_entry, redirect, render

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Plan and billing",
        "/app/billing",
        "tag",
        "Settings",
        order=30,
        keywords="subscription upgrade invoice limits usage stripe pay price",
    )
)

PAGE = "/app/billing"
ADMIN = "/app/admin/plans"
_INSTALLATION = Service(Writer.MAGNETLAB)
_UPGRADE = {
    "success": Toast("Thank you. Your plan is on."),
    "canceled": Toast("Nothing was bought. Your plan is as it was.", "info"),
}
_PENDING = Toast("Thank you. Stripe is confirming the payment; your plan follows.", "info")


def _refuse_onlookers(user: SignedIn) -> None:
    """Whoever looks with another's eyes buys nothing with their card."""
    if user.viewing is not None:
        raise Forbidden("Billing is theirs alone: leave this view first.")


async def buyer(user: CurrentUser) -> SignedIn:
    """Return who may buy. Raises: Forbidden for an onlooker."""
    _refuse_onlookers(user)
    return user


Buyer = Annotated[SignedIn, Depends(buyer)]


@router.get(PAGE)
async def show_billing(request: Request, user: CurrentUser, upgrade: str = "") -> Response:
    toast = _UPGRADE.get(upgrade)
    if upgrade == "success" and user.viewing is None and not await _has_arrived(user):
        toast = _PENDING
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        summary = await service.get_summary(tx, user_id=user.user_id)
    price = (await service.find_prices()).get(summary.subscription.plan)
    context: dict[str, Any] = {"summary": summary, "price": price, "format_price": rules.say_price}
    if toast is not None:
        context["toast"] = toast
    return render(request, "identity/billing/show.html", context)


async def _has_arrived(user: SignedIn) -> bool:
    """Ask Stripe, for its event may come after its customer; tell whether a plan is on."""
    try:
        return (await service.refresh(user_id=user.user_id)).is_live
    except (StripeUnavailable, StripeRefused, rules.Unreadable):
        return False


@router.get("/app/billing/plans")
async def compare_plans(request: Request, user: CurrentUser, tx: OneTx) -> Response:
    summary = await service.get_summary(tx, user_id=user.user_id)
    return await _comparison(request, summary)


async def _comparison(request: Request, summary: service.BillingSummary) -> Response:
    async with runtime.acting_as(_INSTALLATION, readonly=True) as tx:
        limits = await service.list_plan_limits(tx)
    context = {
        "summary": summary,
        "limits": limits,
        "plans": list(Plan),
        "prices": await service.find_prices(),
        "format_price": rules.say_price,
        "sells": service.sells,
        "is_feature": lambda limit: limit.period == Period.FEATURE,
    }
    return render(request, "identity/billing/plans.html", context)


@router.post("/app/billing/checkout")
async def start_checkout(request: Request, user: Buyer, plan: Annotated[Plan, Form()]) -> Response:
    url = await service.start_checkout(
        user_id=user.user_id, email=user.email, name=user.name, plan=plan
    )
    return _leave(request, url)


@router.post("/app/billing/portal")
async def open_portal(request: Request, user: Buyer) -> Response:
    return _leave(request, await service.open_portal(user_id=user.user_id))


def _leave(request: Request, url: str) -> Response:
    # A form may only lead to ourselves (form-action); a page of ours leads on.
    headers = {"refresh": f"0; url={url}"}
    return render(request, "identity/billing/leave.html", {"url": url}, headers=headers)


@router.post("/app/billing/change")
async def change_plan(user: Buyer, plan: Annotated[Plan, Form()]) -> Response:
    try:
        changed = await service.change_plan(user_id=user.user_id, plan=plan)
    except StripeRefused as refusal:
        return redirect(PAGE, toast=f"Nothing was changed. {refusal.message}", tone="danger")
    return redirect(PAGE, toast=f"You are on {changed.plan.title()} now.")


@router.post("/app/billing/cancel")
async def cancel_plan(user: Buyer) -> Response:
    await service.end_plan(user_id=user.user_id)
    return redirect(
        PAGE, toast="Your plan ends with the period you paid for.", undo="/app/billing/keep"
    )


@router.post("/app/billing/keep")
async def keep_plan(user: Buyer) -> Response:
    await service.keep_plan(user_id=user.user_id)
    return redirect(PAGE, toast="Your plan goes on.")


@router.get(ADMIN)
async def show_plans(request: Request, _: CurrentSuperAdmin) -> Response:
    return await _admin_page(request)


@router.post("/app/admin/plans/limits")
async def save_limits(request: Request, admin: CurrentSuperAdmin) -> Response:
    form = await read_form(request)
    try:
        async with runtime.acting_as(_INSTALLATION) as tx:
            changed = await service.save_plan_limits(tx, given=form)
            if changed:
                await note(tx, admin, "installation.limits_changed", None, changed)
    except InvalidInput as refusal:
        return await _admin_page(request, values=form, errors=refusal.fields)
    return redirect(ADMIN, toast="Limits saved. They hold from now on.")


@router.post("/app/admin/plans/events/{event_id}/replay")
async def replay_event(_: CurrentSuperAdmin, event_id: str) -> Response:
    async with runtime.acting_as(_INSTALLATION) as tx:
        await events.refuse_unknown(tx, event_id=event_id)
        await apply_stripe_event.enqueue(tx, ApplyEvent(event_id), dedupe_key=event_id)
    return redirect(ADMIN, toast="It is being tried again.")


async def _admin_page(
    request: Request,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    async with runtime.acting_as(_INSTALLATION, readonly=True) as tx:
        limits = await service.list_plan_limits(tx)
        is_beta = await service.is_beta(tx)
        shown = await events.list_events(tx)
    context = {
        "tabs": tabs("Plans and limits"),
        "limits": limits,
        "plans": list(Plan),
        "values": values,
        "errors": errors or {},
        "is_beta": is_beta,
        "is_selling": service.is_selling(),
        "prices": service.prices(),
        "hook": f"{runtime.current().base_url}/hooks/stripe",
        "events": shown,
        "is_feature": lambda limit: limit.period == Period.FEATURE,
    }
    status = 422 if errors else 200
    return render(request, "identity/billing/admin.html", context, status=status)
