"""`/data`: the screens of all tables, made anew when the structure of the database changes."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jinja2 import PackageLoader
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send
from starlette_admin.base import BaseAdmin
from starlette_admin.export import ExportConfig
from starlette_admin.importers import ImportConfig
from starlette_admin.routing import route
from starlette_admin.theme import DefaultTheme
from starlette_admin.views import BaseView, CustomView, DropDown

from lodestone.auth.dependencies import find_current_user
from lodestone.console.data import queries
from lodestone.console.data.tables import TableView
from lodestone.platform import pages, runtime
from lodestone.platform.actors import Root
from lodestone.platform.pages import static_url
from lodestone.rest import inside
from lodestone.rest.catalog import Catalog

ADDRESS = "/data"
pages.add_entry(
    pages.Entry("Data", ADDRESS, "database", "Settings", order=90, keywords="tables rows import")
)
_MOST_ROWS = 100_000
_MOST_IMPORTED_BYTES = 20_000_000
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Open for inline script: the library's pages carry their own, and none of it is user-given."""


@dataclass(frozen=True, slots=True)
class _Room:
    """The tables of a domain."""

    label: str
    views: list[TableView]


class _Look(DefaultTheme):
    """The library's theme in the console's colours, which the page's own script makes dark."""

    def html_attrs(self, request: Request) -> dict[str, str]:
        return {}

    def template_globals(self) -> dict[str, Any]:
        return {"asset": static_url}


class _Tables(CustomView):
    """The first page: all tables by domain."""

    def __init__(self, rooms: list[_Room]) -> None:
        super().__init__(path="/", add_to_menu=False)
        self._rooms = rooms

    @route("")
    async def index(self, request: Request) -> Response:
        if self.templates is None:
            raise RuntimeError("the screens are not mounted")
        context = {"title": "Data", "rooms": self._rooms}
        return self.templates.TemplateResponse(request, "tables.html", context)


class _Admin(BaseAdmin):
    """The library's screens; an uploaded file is closed when it has been read."""

    @route("/_api/{key}/import", methods=["POST"], name="import")
    async def _render_import(self, request: Request) -> Response:
        try:
            answer: Response = await super()._render_import(request)
            return answer
        finally:
            await request.close()


class DataScreens:
    """ASGI: everything below `/data`, for whoever is signed in."""

    def __init__(self) -> None:
        self._site: tuple[Catalog, Starlette] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or lead to the sign-in page."""
        request = Request(scope, receive)
        if await find_current_user(request) is None:
            back = quote(request.url.path, safe="/")
            await RedirectResponse(f"/sign-in?next={back}", 303)(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("content-security-policy", _POLICY)
            await send(message)

        # The site has a router of its own, by which it finds its addresses.
        inner = {name: value for name, value in scope.items() if name not in ("router", "app")}
        site = await self._current()
        await site(inner, receive, send_protected)

    async def _current(self) -> Starlette:
        catalog = await inside.catalog()
        if self._site is None or self._site[0] is not catalog:
            async with runtime.acting_as(Root(), readonly=True) as tx:
                domains = await queries.list_domains(tx)
            self._site = (catalog, _build(catalog, domains))
        return self._site[1]


def _build(catalog: Catalog, domains: dict[str, str]) -> Starlette:
    rooms = _rooms(catalog, domains)
    admin = _Admin(
        title="Data",
        theme=_Look(),
        index_view=_Tables(rooms),
        base_url=ADDRESS,
        route_name="data",
        templates_dir="",
        additional_loaders=[PackageLoader("lodestone.console.data")],
        secret_key=runtime.current().secrets.digest("data-screens", "cookies").hex(),
        import_config=ImportConfig(max_upload_size=_MOST_IMPORTED_BYTES, max_rows=_MOST_ROWS),
        export_config=ExportConfig(max_rows=_MOST_ROWS),
    )
    for room in rooms:
        views = list[type[BaseView] | BaseView](room.views)
        icon = "fa-solid fa-layer-group"
        admin.add_view(DropDown(room.label, views=views, icon=icon, always_open=False))
    site = Starlette()
    admin.mount_to(site)
    return site


def _rooms(catalog: Catalog, domains: dict[str, str]) -> list[_Room]:
    found: dict[str, list[TableView]] = defaultdict(list)
    for table in catalog.tables.values():
        if table.primary_key and not table.is_view:
            view = TableView(table, catalog.relationships.get(table.name, ()))
            if view.columns:
                found[domains.get(table.name, "other")].append(view)
    return [
        _Room(name.replace("_", " ").capitalize(), views) for name, views in sorted(found.items())
    ]


_screens = DataScreens()
routes: list[BaseRoute] = [
    Route(ADDRESS, _screens, methods=None),
    Route(f"{ADDRESS}/{{path:path}}", _screens, methods=None),
]
