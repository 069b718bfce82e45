"""Subscribers for programs, and the pages that the links of a mail open.

Opening a link changes nothing, for scanners open links; a POST does what the page says.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx
from lodestone.domains.email.subscribers import rules, service
from lodestone.domains.email.subscribers.models import (
    Added,
    Preferences,
    SubscriberCreate,
    SubscriberDetail,
    SubscriberPage,
    SubscriberStatus,
)
from lodestone.domains.identity.service import CurrentScope
from lodestone.platform import pages
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import read_body

router = APIRouter(prefix="/api/email/subscribers", tags=["Subscribers"])

MOST_FORM_BYTES = 16 * 1024
_HEADERS = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


class Unsubscribed(BaseModel):
    """Whether somebody left now; False when they had before."""

    unsubscribed: bool


@router.get("")
async def list_subscribers(
    *,
    scope: CurrentScope,
    tx: ReadTx,
    q: Annotated[str | None, Query(max_length=200)] = None,
    status: SubscriberStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> SubscriberPage:
    """List the workspace's subscribers, newest first."""
    rows, total = await service.list_subscribers(
        tx, scope=scope, search=q, status=status, limit=limit, offset=offset
    )
    return SubscriberPage(total=total, items=rows)


@router.post("", status_code=201)
async def add_subscriber(given: SubscriberCreate, _: CurrentUser, scope: CurrentScope) -> Added:
    """Add somebody who agreed to receive mail; whoever left is refused with 422."""
    return await service.add_subscriber(scope=scope, given=given)


@router.get("/{subscriber_id}")
async def get_subscriber(scope: CurrentScope, tx: OneTx, subscriber_id: UUID) -> SubscriberDetail:
    """Return one subscriber."""
    return await service.get_subscriber(tx, scope=scope, subscriber_id=subscriber_id)


@router.post("/{subscriber_id}/unsubscribe")
async def unsubscribe(
    user: CurrentUser, scope: CurrentScope, tx: OneTx, subscriber_id: UUID
) -> Unsubscribed:
    """Take somebody off the list."""
    await service.get_subscriber(tx, scope=scope, subscriber_id=subscriber_id)
    count = await service.unsubscribe_all(
        scope=scope, subscriber_ids=[subscriber_id], by=user.name or user.email
    )
    return Unsubscribed(unsubscribed=count == 1)


async def show_preferences(request: Request) -> Response:
    """Show somebody what mail they get."""
    subscriber_id, token = _link(request)
    found = await service.find_preferences(subscriber_id=subscriber_id, token=token)
    return _preferences(found, token)


async def keep_preferences(request: Request) -> Response:
    """Keep what mail somebody wants, or take them back at their own wish."""
    subscriber_id, token = _link(request)
    await read_body(request, most_bytes=MOST_FORM_BYTES)
    async with request.form(max_files=0, max_fields=10) as form:
        wanted = [str(topic) for topic in form.getlist("wanted")]
        comes_back = form.get("act") == "resubscribe"
    if comes_back:
        await service.resubscribe(subscriber_id=subscriber_id, token=token)
    else:
        await service.choose_topics(subscriber_id=subscriber_id, token=token, wanted=wanted)
    found = await service.find_preferences(subscriber_id=subscriber_id, token=token)
    return _preferences(found, token, is_saved=True)


async def ask_to_confirm(request: Request) -> Response:
    """Ask whether the address is to be confirmed."""
    subscriber_id, token = _link(request)
    found = await service.find_confirmation(subscriber_id=subscriber_id, token=token)
    return _page("confirm.html", subscriber=found)


async def confirm(request: Request) -> Response:
    """Confirm the address."""
    subscriber_id, token = _link(request)
    await service.confirm(subscriber_id=subscriber_id, token=token)
    found = await service.find_confirmation(subscriber_id=subscriber_id, token=token)
    return _page("confirm.html", subscriber=found)


def _link(request: Request) -> tuple[UUID, str]:
    given = request.query_params
    try:
        return UUID(given.get("sid", "")), given["token"]
    except (ValueError, KeyError) as error:
        raise InvalidInput(
            "This link is not whole. Copy all of it from the mail.",
            fields={"sid" if isinstance(error, ValueError) else "token": "Missing or damaged."},
        ) from error


def _preferences(found: Preferences, token: str, *, is_saved: bool = False) -> Response:
    wanted = [
        topic for topic, kinds in rules.TOPICS.items() if not set(kinds) <= set(found.muted_kinds)
    ]
    link = f"/api/email/unsubscribe?sid={found.id}&token={token}"
    return _page(
        "preferences.html", subscriber=found, wanted=wanted, is_saved=is_saved, unsubscribe=link
    )


def _page(template: str, **context: object) -> Response:
    body = pages.render_text(f"email/subscribers/{template}", context)
    return HTMLResponse(body, headers=_HEADERS)


routes: list[BaseRoute] = [
    Route("/api/email/preferences", show_preferences, methods=["GET"]),
    Route("/api/email/preferences", keep_preferences, methods=["POST"]),
    Route("/api/email/confirm", ask_to_confirm, methods=["GET"]),
    Route("/api/email/confirm", confirm, methods=["POST"]),
]
