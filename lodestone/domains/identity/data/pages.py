"""The screen of one's data: take it along, see who looked, leave, and stay after all."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response, StreamingResponse

from lodestone.auth.dependencies import AccountHolder, CurrentUser
from lodestone.auth.endings.service import AccountHeld
from lodestone.auth.models import SignedIn
from lodestone.domains.identity.data import exports, jobs, rules, service
from lodestone.platform.errors import InvalidInput
from lodestone.platform.pages import Entry, add_entry, redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/account/data")
PATH = "/app/account/data"
add_entry(
    Entry(
        "Your data", PATH, "database", is_action=True,
        keywords="export download gdpr privacy delete account leave zip",
    )
)  # fmt: skip


@router.get("")
async def show_data(request: Request, user: CurrentUser) -> Response:
    return await _page(request, user)


@router.post("/export")
async def request_export(user: AccountHolder) -> Response:
    await service.request_export(user, enqueue=jobs.enqueue_export)
    return redirect(PATH, toast="Your data is being put together")


@router.post("/exports/{export_id}/download")
async def press_download(user: AccountHolder, export_id: UUID) -> Response:
    token = await exports.press_link(user.user_id, export_id=export_id)
    return await _download(user, token)


@router.get("/download/{token}")
async def show_link(request: Request, user: AccountHolder, token: str) -> Response:
    found = await exports.look_at_link(user.user_id, token=token)
    context = {"export": found, "token": token, "size": rules.format_size(found.size_bytes)}
    return render(request, "identity/data/download.html", context)


@router.post("/download/{token}")
async def download(user: AccountHolder, token: str) -> Response:
    return await _download(user, token)


@router.post("/delete/code")
async def send_code(request: Request, user: AccountHolder) -> Response:
    await service.send_code(user, address=_address(request))
    return redirect(f"{PATH}#leave", toast=f"A code is on its way to {user.email}")


@router.post("/delete")
async def request_deletion(
    request: Request,
    user: AccountHolder,
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    try:
        await service.request_deletion(
            user,
            password=password,
            code=code.strip(),
            address=_address(request),
            enqueue=jobs.enqueue_export,
        )
    except InvalidInput as error:
        return await _page(request, user, errors=error.fields)
    except AccountHeld as error:
        return await _page(request, user, status=error.status)
    return redirect(PATH, toast="Your account will be deleted in seven days", tone="warning")


@router.post("/delete/cancel")
async def cancel_deletion(user: AccountHolder) -> Response:
    await service.cancel_deletion(user)
    return redirect(PATH, toast="Good that you stay")


async def _page(
    request: Request,
    user: SignedIn,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    context: dict[str, Any] = {
        "overview": await service.get_overview(user),
        "needs_code": await service.needs_code(user),
        "errors": errors or {},
        "size": rules.format_size,
        "grace_days": rules.GRACE_DAYS,
        "kept_days": rules.KEPT_DAYS,
    }
    return render(request, "identity/data/show.html", context, status=422 if errors else status)


async def _download(user: SignedIn, token: str) -> Response:
    export, pieces = await exports.use_link(user.user_id, token=token)
    name = rules.archive_name(user.email, f"{export.created_at:%Y-%m-%d}")
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "content-length": str(export.size_bytes),
        "cache-control": "private, no-store",
    }
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
