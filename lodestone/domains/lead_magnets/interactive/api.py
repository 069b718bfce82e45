"""`/api/public/chat`: visitors talk to a lead magnet.

Bare Starlette routes, as all that strangers post to.
"""

import json
from collections.abc import AsyncIterator

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from lodestone.domains.lead_magnets.interactive import service
from lodestone.domains.lead_magnets.interactive.models import Said
from lodestone.domains.lead_magnets.interactive.service import Heard
from lodestone.platform.forms import parse, read_json

MOST_BODY_BYTES = 64 * 1024
ADDRESS = "/api/public/chat"

_log = structlog.get_logger(__name__)


async def say(request: Request) -> Response:
    """Keep a message and answer it as server-sent events: delta, then done, or error."""
    said = parse(Said, await read_json(request, most_bytes=MOST_BODY_BYTES))
    heard = await service.hear(token=said.session_token, message=said.message)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_answer(heard), media_type="text/event-stream", headers=headers)


async def list_history(request: Request) -> Response:
    """Return what was said in a session so far."""
    messages = await service.list_history(token=request.query_params.get("sessionToken", ""))
    return JSONResponse({"messages": messages}, headers={"cache-control": "no-store"})


async def _answer(heard: Heard) -> AsyncIterator[str]:
    try:
        text = await service.reply(heard)
    except Exception:  # noqa: BLE001 -- the stream has begun: no handler stands behind it
        _log.exception("chat_reply_failed", chat_id=str(heard.chat_id))
        yield _event("error", "Something went wrong here. Try it again in a moment.")
        return
    yield _event("delta", text)
    yield _event("done", "")


def _event(kind: str, text: str) -> str:
    return f"data: {json.dumps({'type': kind, 'text': text})}\n\n"


routes: list[BaseRoute] = [
    Route(ADDRESS, say, methods=["POST"]),
    Route(ADDRESS, list_history, methods=["GET"]),
]
