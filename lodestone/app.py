"""The web application: what the product answers over HTTP, wired together."""

import importlib
import importlib.util
import ipaddress
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from types import ModuleType
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from lodestone import wiring
from lodestone.auth.api_keys import service as api_keys
from lodestone.auth.bearers import service as bearers
from lodestone.domains.funnels import public as funnel_pages
from lodestone.domains.funnels.domains.hosts import RouteHosts
from lodestone.domains.identity import scope as workspaces
from lodestone.platform import runtime as runtimes
from lodestone.platform import telemetry
from lodestone.platform.actors import Visitor
from lodestone.platform.errors import NotFound
from lodestone.platform.jobs import discover_jobs
from lodestone.platform.pagecache import AnswerKeptPages
from lodestone.platform.pages import failures, serve_static
from lodestone.platform.pages.security import RefuseCrossSiteWrites, SecurityHeaders, protected
from lodestone.platform.runtime import Runtime
from lodestone.rest import catalogs
from lodestone.rest import keys as rest_keys
from lodestone.rest.router import DataApi, is_data_api
from lodestone.settings import Settings
from lodestone.storage import callers as storage_keys

DOMAINS = ("identity", "lead_magnets", "funnels", "operations", "email", "files")
"""The domains whose pages, use cases and hooks are served."""

PARTS = ("pages", "api", "hooks", "router")
CONSOLE = ("home", "account", "data", "developer", "jobs", "outbox", "reference", "views")

# These read credentials of their own and never the session cookie.
OPEN_PREFIXES = ("/rest/", "/auth/v1/", "/storage/", "/hooks/", "/mcp")


class _Application(FastAPI):
    """The application with the data API in front, which needs nothing of what stands between."""

    data_api: DataApi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if is_data_api(scope):
            await self.data_api(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, runtime: Runtime | None = None) -> FastAPI:
    """Return the application; without a runtime it opens its own when it starts."""
    discover_jobs("lodestone.domains")
    rest_keys.resolve_keys_with(api_keys.find_actor)
    rest_keys.check_tokens_with(bearers.is_good)
    storage_keys.resolve_keys_with(api_keys.find_actor)
    storage_keys.check_tokens_with(bearers.is_good)
    base_url = runtime.base_url if runtime else settings.address
    app = _Application(
        title="Lodestone",
        summary="The whole go-to-market stack of a B2B business.",
        lifespan=_lifespan(settings, runtime),
        docs_url=None,
        redoc_url=None,
        middleware=_middleware(settings, base_url),
    )
    app.data_api = DataApi(protected({}, https=urlsplit(base_url).scheme == "https"))
    failures.install(app)
    modules = _modules()
    # Bare routes first, and visitors' before clients': the router tries one after the other.
    for module in sorted(modules, key=lambda module: not _is_domain(module)):
        app.router.routes.extend(getattr(module, "routes", ()))
    app.router.routes += [
        Route("/static/{digest}/{name:path}", serve_static),
        Route("/healthz", _check_health),
        Route("/metrics", _show_metrics),
    ]
    for module in modules:
        if hasattr(module, "router"):
            app.include_router(module.router, dependencies=[Depends(workspaces.know_workspaces)])
    return app


def _middleware(settings: Settings, base_url: str) -> list[Middleware]:
    parts = urlsplit(base_url)
    is_https = parts.scheme == "https"
    found = [
        Middleware(SecurityHeaders, https=is_https),
        Middleware(RefuseCrossSiteWrites, own_hosts=[parts.netloc], open_prefixes=OPEN_PREFIXES),
        Middleware(workspaces.KeepWorkspace),
    ]
    if settings.trusted_proxies:
        trusted = list(settings.trusted_proxies)
        found.insert(0, Middleware(ProxyHeadersMiddleware, trusted_hosts=trusted))
    kept_pages = Middleware(
        AnswerKeptPages,
        cache=funnel_pages.cache,
        prefix="/p/",
        route=funnel_pages.OPTIN_ROUTE,
        headers=protected(funnel_pages.OPTIN_HEADERS, https=is_https),
    )
    hosts = Middleware(
        RouteHosts,
        own_host=parts.hostname or "localhost",
        is_strict=settings.base_url is not None,
        cache=funnel_pages.cache,
        proxies=settings.trusted_proxies,
    )
    return [hosts, kept_pages, Middleware(telemetry.RequestTelemetry), *found]


def _lifespan(
    settings: Settings, runtime: Runtime | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if runtime is None:
                await stack.enter_async_context(wiring.open_runtime(settings))
            else:
                runtimes.set_current(runtime)
            direct_url = wiring.database_url(settings, direct=True)
            await stack.enter_async_context(funnel_pages.cache.listening(direct_url))
            await stack.enter_async_context(catalogs.listening(direct_url))
            yield

    return lifespan


def _modules() -> list[ModuleType]:
    packages = ["lodestone.auth", "lodestone.rest", "lodestone.storage"]
    packages += [f"lodestone.console.{page}" for page in CONSOLE]
    packages += [f"lodestone.domains.{domain}" for domain in DOMAINS]
    return [importlib.import_module(name) for package in packages for name in _served(package)]


def _is_domain(module: ModuleType) -> bool:
    return module.__name__.startswith("lodestone.domains.")


def _served(package: str) -> list[str]:
    """Return the modules of a package, and of those inside it, that answer requests."""
    if importlib.util.find_spec(package) is None:
        return []
    path = importlib.import_module(package).__path__
    found = pkgutil.walk_packages(path, prefix=f"{package}.")
    return sorted(each.name for each in found if each.name.rpartition(".")[2] in PARTS)


async def _check_health(_: Request) -> Response:
    async with runtimes.acting_as(Visitor(), readonly=True) as tx:
        await tx.fetchval("select 1")
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def _show_metrics(request: Request) -> Response:
    """Answer the counters of this process, to neighbours only: they tell about the business."""
    if "x-forwarded-for" in request.headers or not _is_neighbour(request):
        raise NotFound("There is nothing at this address.")
    body, media_type = telemetry.render_metrics()
    return Response(body, headers={"content-type": media_type})


def _is_neighbour(request: Request) -> bool:
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return address.is_loopback or address.is_private
