"""GET /admin/audit: what was done to accounts, as the holder of the service key reads it."""

from typing import Any

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.gotrue import asking
from lodestone.auth.gotrue.answers import answer
from lodestone.auth.gotrue.errors import GoTrueError
from lodestone.auth.gotrue.paging import read_page
from lodestone.auth.users import queries
from lodestone.platform import runtime
from lodestone.platform.actors import Root

_FIELDS = ("author", "action", "type")


async def list_entries(request: Request) -> Response:
    """GET /admin/audit?page=&per_page=&query=author:ada, the newest first."""
    asking.require_service_key(request)
    page = read_page(request)
    field, text = _sought(request.query_params.get("query"))
    async with runtime.acting_as(Root(), readonly=True) as tx:
        rows, total = await queries.list_audit(
            tx, field=field, text=text, limit=page.size, offset=page.offset
        )
    return answer([_entry(row) for row in rows], headers=page.headers("/admin/audit", total))


def _sought(query: str | None) -> tuple[str | None, str]:
    """Return the field that is searched and for what. Raises GoTrueError."""
    if not query:
        return None, ""
    field, mark, text = query.partition(":")
    if not mark or field not in _FIELDS or not text:
        raise GoTrueError("Bad Request: a query is author:, action: or type: and a text")
    return field, text


def _entry(row: Record) -> dict[str, Any]:
    action: str = row["action"]
    return {
        "id": str(row["id"]),
        "payload": {
            "action": action,
            "actor_id": str(row["actor_id"]) if row["actor_id"] else "",
            "actor_username": row["actor"] or "",
            "actor_name": row["actor_name"] or "",
            "log_type": action.partition(".")[0],
            "traits": {**row["details"], "user_id": str(row["subject_id"] or "")},
        },
        "created_at": row["created_at"].isoformat(),
        "ip_address": "",
    }
