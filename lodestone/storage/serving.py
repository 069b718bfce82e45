"""Files over HTTP: ranges, entity tags, and headers that let no file act as a page of this site."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lodestone.storage.contents import is_active, is_inline, served_type
from lodestone.storage.models import StoredObject
from lodestone.storage.objects import OpenObject

CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Disposition, Content-Length,"
    " Content-Range, Content-Type, Date, ETag, Last-Modified",
}

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_AS_A_PAGE = "sandbox; default-src 'none'; frame-ancestors 'none'"
# What a browser makes of a picture, a film or a PDF by itself; other sites may embed them.
_AS_MEDIA = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; object-src 'self';"
    " style-src 'unsafe-inline'; frame-ancestors *"
)


async def answer(
    request: Request,
    opened: OpenObject,
    *,
    download: str | None = None,
    expires_at: datetime | None = None,
) -> Response:
    """Answer a file, or a part of it, or that it has not changed.

    `download` makes browsers save it, under that name if it is one; `expires_at` is the end of a
    signed address. Raises BlobMissing when the bytes are gone.
    """
    row = opened.row
    headers = _headers(opened, download=download, expires_at=expires_at)
    if _is_unchanged(request, row):
        return Response(status_code=304, headers=headers)
    span = _span(request, row)
    if span is None:
        headers["content-range"] = f"bytes */{row.size}"
        return Response(status_code=416, headers=headers)
    start, end = span
    is_part = (start, end) != (0, row.size)
    if is_part:
        headers["content-range"] = f"bytes {start}-{end - 1}/{row.size}"
    headers["content-length"] = str(end - start)
    headers["content-type"] = _content_type(row)
    status = 206 if is_part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    pieces = opened.read(start, end)
    # The first piece is read before the headers go out: bytes that are gone are an error then.
    first = await anext(pieces, b"")
    return StreamingResponse(_whole(first, pieces), status_code=status, headers=headers)


async def _whole(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _headers(
    opened: OpenObject, *, download: str | None, expires_at: datetime | None
) -> dict[str, str]:
    row = opened.row
    is_shown = is_inline(row.mime_type) and "detectedType" not in row.metadata
    headers = {
        **CORS,
        "accept-ranges": "bytes",
        "cache-control": _cache_control(opened, expires_at),
        "content-security-policy": _AS_MEDIA if is_shown else _AS_A_PAGE,
        "cross-origin-resource-policy": "cross-origin",
        "etag": row.etag,
        "last-modified": format_datetime(row.updated_at.astimezone(UTC), usegmt=True),
        "x-content-type-options": "nosniff",
    }
    if download is not None or not is_shown:
        headers["content-disposition"] = _attachment(download or row.name.rpartition("/")[2])
    return headers


def _content_type(row: StoredObject) -> str:
    """Return the type to answer with: what looks like a page under another name is just bytes."""
    detected = row.metadata.get("detectedType")
    if detected and is_active(str(detected)):
        return "application/octet-stream"
    return served_type(row.mime_type)


def _cache_control(opened: OpenObject, expires_at: datetime | None) -> str:
    if expires_at is not None:
        left = (expires_at - datetime.now(UTC)).total_seconds()
        return f"private, max-age={max(int(left), 0)}"
    given = opened.row.cache_control
    is_said = "private" in given or "no-" in given
    return given if opened.is_public or is_said else f"private, {given}"


def _attachment(name: str) -> str:
    plain = re.sub(r"[^\w.() -]", "_", name, flags=re.ASCII)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_unchanged(request: Request, row: StoredObject) -> bool:
    """Source: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2."""
    given = request.headers.get("if-none-match")
    if given is not None:
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return row.etag in tags or "*" in tags
    since = _date(request.headers.get("if-modified-since"))
    return since is not None and row.updated_at.replace(microsecond=0) <= since


def _date(given: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(given) if given else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _span(request: Request, row: StoredObject) -> tuple[int, int] | None:
    """Return the bytes that are asked for, None when there are no such bytes.

    Several ranges at once, and other units, are answered with the whole, which is allowed.
    Source: https://www.rfc-editor.org/rfc/rfc9110#section-14.2
    """
    whole = (0, row.size)
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if found is None or request.headers.get("if-range", row.etag) != row.etag:
        return whole
    first, last = found[1], found[2]
    if first:
        start, end = int(first), min(int(last) + 1, row.size) if last else row.size
        if last and int(last) < start:
            return whole
    elif last:
        start, end = max(row.size - int(last), 0), row.size
    else:
        return whole
    return (start, end) if start < end else None
