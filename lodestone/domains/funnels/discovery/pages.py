"""robots.txt and sitemap.xml."""

from collections.abc import Iterable
from uuid import UUID
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.domains.funnels.discovery import service
from lodestone.platform import runtime
from lodestone.platform.errors import NotFound

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEADERS = {"cache-control": "public, max-age=600"}
FIRST = "first"
"""How the first part of the map is asked for."""

_CLOSED = ("/app", "/api/", "/auth/", "/rest/", "/data", "/sign-in", "/sign-up")


async def show_robots(_: Request) -> Response:
    """Let robots read public pages and keep them out of the console."""
    closed = "".join(f"Disallow: {path}\n" for path in _CLOSED)
    text = f"User-agent: *\n{closed}\nSitemap: {runtime.current().base_url}/sitemap.xml\n"
    return PlainTextResponse(text, headers=_HEADERS)


async def show_map(request: Request) -> Response:
    """Answer the map of all published pages: one list, or the list of its parts."""
    base_url = runtime.current().base_url
    after = request.query_params.get("after")
    parts = [None] if after else await service.list_parts()
    if len(parts) > 1:
        places = [f"?after={each or FIRST}" for each in parts]
        entries = (_entry("sitemap", f"{base_url}/sitemap.xml{place}") for place in places)
        return _answer("sitemapindex", entries)
    pages = await service.list_pages(after=_read_id(after))
    entries = (
        _entry("url", f"{base_url}{page.path}", f"{page.updated_at:%Y-%m-%d}") for page in pages
    )
    return _answer("urlset", entries)


def _read_id(text: str | None) -> UUID | None:
    try:
        return None if text in (None, FIRST) else UUID(text)
    except ValueError:
        raise NotFound("There is no such part of the map.") from None


def _entry(tag: str, address: str, changed: str | None = None) -> str:
    last = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<{tag}><loc>{escape(address)}</loc>{last}</{tag}>"


def _answer(tag: str, entries: Iterable[str]) -> Response:
    body = "".join(entries)
    text = f'<?xml version="1.0" encoding="UTF-8"?><{tag} xmlns="{_NAMESPACE}">{body}</{tag}>'
    return Response(text, media_type="application/xml", headers=_HEADERS)


routes: list[BaseRoute] = [
    Route("/robots.txt", show_robots, methods=["GET"]),
    Route("/sitemap.xml", show_map, methods=["GET"]),
]
