"""The catalogue: what others let one read, and whom one lets read one's own."""

from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import AccountHolder, CurrentUser, OneTx
from lodestone.domains.identity.teams.catalogue import service
from lodestone.domains.identity.teams.invitations import service as invitations
from lodestone.platform import runtime
from lodestone.platform.actors import Actor
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.pages import Entry, add_entry, redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/catalogue")
add_entry(
    Entry(
        "Catalogue",
        "/app/catalogue",
        "book",
        is_action=True,
        keywords="read only lead magnets shared appointment setters",
    )
)
add_entry(
    Entry(
        "Share my catalogue",
        "/app/catalogue/readers",
        "send",
        is_action=True,
        keywords="setter reader",
    )
)


@router.get("")
async def show_catalogue(request: Request, _: CurrentUser, tx: OneTx, q: str = "") -> Response:
    cards = await service.list_cards(tx, search=q.strip()[:200] or None)
    owners = [
        (name, list(group)) for name, group in groupby(cards, key=lambda card: card.owner_name)
    ]
    context = {"owners": owners, "total": len(cards), "q": q.strip()[:200]}
    return render(request, "identity/teams/catalogue.html", context)


@router.get("/readers")
async def show_readers(request: Request, user: CurrentUser) -> Response:
    return await _readers_page(request, user.user_id, user.actor)


@router.post("/readers")
async def invite_reader(
    request: Request, user: AccountHolder, email: Annotated[str, Form()] = ""
) -> Response:
    try:
        await invitations.invite_reader(user, email=email)
    except (InvalidInput, Conflict) as refusal:
        fields = refusal.fields if isinstance(refusal, InvalidInput) else {"email": refusal.message}
        return await _readers_page(
            request, user.user_id, user.actor, email=email, errors=fields, status=refusal.status
        )
    return redirect("/app/catalogue/readers", toast=f"Invitation sent to {email.strip()}")


@router.post("/readers/{reader_id}/resend")
async def resend_reader(user: AccountHolder, reader_id: UUID) -> Response:
    await invitations.resend_reader(user, reader_id=reader_id)
    return redirect("/app/catalogue/readers", toast="A new link is on its way")


@router.post("/readers/{reader_id}/remove")
async def remove_reader(user: AccountHolder, reader_id: UUID) -> Response:
    await invitations.remove_reader(user, reader_id=reader_id)
    return redirect("/app/catalogue/readers", toast="They no longer read your catalogue")


async def _readers_page(
    request: Request,
    user_id: UUID,
    actor: Actor,
    *,
    email: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    async with runtime.acting_as(actor, readonly=True) as tx:
        readers = await invitations.list_readers(tx, owner_id=user_id)
    context = {"readers": readers, "email": email, "errors": errors or {}}
    return render(request, "identity/teams/readers.html", context, status=status)
