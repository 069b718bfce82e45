"""What became of the workspace's mail."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, ReadTx
from lodestone.domains.email.deliveries import rules, service
from lodestone.domains.identity.service import CurrentScope
from lodestone.platform.pages import Entry, add_entry, render

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Mail analytics",
        "/app/email/analytics",
        "chart",
        "Email",
        order=80,
        keywords="mail statistics opened clicked bounced delivered rate",
    )
)


@router.get("/app/email/analytics")
async def show_analytics(
    request: Request,
    _: CurrentUser,
    scope: CurrentScope,
    tx: ReadTx,
    days: Annotated[int, Query()] = 30,
) -> Response:
    days = days if days in rules.RANGES else 30
    found = await service.get_statistics(tx, scope=scope, days=days)
    context = {"found": found, "days": days, "share": rules.share}
    return render(request, "email/deliveries/analytics.html", context)
