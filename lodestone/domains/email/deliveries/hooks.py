"""Resend's webhooks: verified, kept, answered; a job applies them.

An account of a tenant's own reports to `/hooks/resend/{tenant_id}`, with a secret of its own.
"""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.connectors import resend
from lodestone.domains.email.deliveries import service
from lodestone.domains.email.deliveries.jobs import ApplyReport, apply_report
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.errors import Unavailable
from lodestone.platform.forms import read_body

LARGEST_REPORT = 512 * 1024  # bytes

router = APIRouter(include_in_schema=False)


@router.post("/hooks/resend")
async def take_report(request: Request) -> Response:
    """Keep a report of the installation's account and answer at once."""
    return await _take(request, tenant_id=None)


@router.post("/hooks/resend/{tenant_id}")
async def take_own_report(request: Request, tenant_id: UUID) -> Response:
    """Keep a report of a tenant's own account and answer at once."""
    return await _take(request, tenant_id=tenant_id)


async def _take(request: Request, *, tenant_id: UUID | None) -> Response:
    secret = await service.find_webhook_secret(tenant_id=tenant_id)
    if secret is None:
        raise Unavailable("Nobody has said what signs these reports, so none are taken.")
    body = await read_body(request, most_bytes=LARGEST_REPORT)
    event_key, _ = resend.verify(body, request.headers, secret=secret, now=datetime.now(UTC))
    async with runtime.acting_as(Root()) as tx:
        report_id = await service.keep_report(
            tx, event_key=event_key, tenant_id=tenant_id, body=body
        )
        if report_id is not None:
            await apply_report.enqueue(tx, ApplyReport(report_id))
    return JSONResponse({"received": True}, headers={"cache-control": "no-store"})
