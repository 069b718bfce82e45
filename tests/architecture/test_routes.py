"""Every route asks who comes, save the public ones named here."""

import re
from collections.abc import Iterable, Iterator

import httpx
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from tests.conftest import BASE_URL

# What a stranger may ask, by path, and why. What it answers is the matter of its own tests.
PUBLIC = {
    "/": "leads to sign-in or home",
    "/sign-in": "where one becomes somebody",
    "/sign-out": "ends a session if there is one",
    "/healthz": "for the load balancer",
    "/metrics": "for neighbours alone, which the handler looks at",
    "/openapi.json": "describes the use cases; each of them asks who comes",
    "/static/{digest}/{name:path}": "styles and scripts",
    "/p/{username}/{slug}": "a published page",
    "/p/{username}/{slug}/thankyou": "a published page",
    "/p/{username}/{slug}/content": "a published page",
    "/p/{username}/{slug}/library": "a published page",
    "/r/{resource_id}": "a link that a published page gives away",
    "/p/{username}/{slug}/picture/{version}.png": "the picture of a published page",
    "/robots.txt": "for search engines",
    "/sitemap.xml": "for search engines",
    "/p/{username}/{slug}/survey": "answers of a lead, by its signed link",
    "/api/public/lead": "the opt-in",
    "/api/public/view": "counts a view of a published page",
    "/api/public/chat": "a lead magnet's chat, by the signed token of its page",
    "/api/email/unsubscribe": "the signed link of a mail",
    "/api/email/preferences": "the signed link of a mail",
    "/api/email/confirm": "the signed link of a mail",
    "/hooks/stripe": "signed by Stripe",
    "/hooks/resend": "signed by Resend",
    "/hooks/resend/{tenant_id}": "signed by Resend, with the secret of the account",
    "/e/c/{mail}/{link}": "a signed link of a mail",
    "/e/o/{mail}.gif": "the picture of a mail",
    "/hooks/certificates": "tells a web server whether a domain is one of ours",
    "/sign-up": "where one begins",
    "/sign-in/code": "the second factor of somebody who gave a password",
    "/sign-in/google": "the way to a provider",
    "/forgot-password": "asks for a link by mail",
    "/reset-password": "the single-use link of a mail",
    "/confirm": "the single-use link of a mail",
    "/confirm/resend": "asks for a link by mail",
    "/avatars/{user_id}": "pictures that pages show to everybody",
    "/invitations/{token}": "the single-use link of a mail",
    "/invitations/{token}/decline": "the single-use link of a mail",
}

# Data API and files: whoever has no token is a visitor, whom the database's rules answer.
PUBLIC_PREFIXES = ("/rest/v1", "/auth/v1", "/storage/v1")

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_SOME_ID = "00000000-0000-4000-8000-000000000000"


def _endpoints(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, of included routers and mounted parts too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _endpoints(included.routes, prefix)
        elif isinstance(route, Mount):
            yield from _endpoints(route.routes, prefix + route.path)
        else:
            path = prefix + str(vars(route)["path"])
            yield from ((method, path) for method in sorted(vars(route)["methods"] or {"GET"}))


def _address(path: str) -> str:
    return _PARAMETER.sub(lambda found: _SOME_ID if found[1].endswith("id") else "1", path)


async def _asks_who_comes(client: httpx.AsyncClient, method: str, path: str) -> bool:
    """Return whether a stranger is sent to sign in, or told to."""
    answer = await client.request(method, _address(path), headers={"origin": BASE_URL})
    leads_to = answer.headers.get("location", "")
    return answer.status_code == 401 or (
        answer.status_code in (302, 303, 307) and leads_to.startswith("/sign-in")
    )


async def test_every_other_route_asks_who_comes(app: FastAPI, client: httpx.AsyncClient) -> None:
    endpoints = [
        each
        for each in _endpoints(app.routes)
        if each[1] not in PUBLIC and not each[1].startswith(PUBLIC_PREFIXES)
    ]
    assert len(endpoints) > 20
    open_to_all = [
        f"{method} {path}"
        for method, path in endpoints
        if not await _asks_who_comes(client, method, path)
    ]
    assert open_to_all == []


def test_every_public_path_is_a_route(app: FastAPI) -> None:
    assert set(PUBLIC) <= {path for _, path in _endpoints(app.routes)}


async def test_an_open_route_is_noticed(client: httpx.AsyncClient) -> None:
    assert not await _asks_who_comes(client, "GET", "/healthz")
    assert await _asks_who_comes(client, "GET", "/app")


def test_no_path_leads_to_two_routes(app: FastAPI) -> None:
    endpoints = list(_endpoints(app.routes))
    assert sorted(endpoints) == sorted(set(endpoints))
