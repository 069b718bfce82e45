"""Each route declares who may use it, and lets nobody else in.

The role of a route is the strictest of its dependencies; what has none is public and named in
`test_routes`. Strangers with an account are sent to each: to the super-admin area, and to things
of somebody else.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from lodestone.auth import dependencies
from lodestone.console.data.pages import DataScreens
from lodestone.domains.identity.services.api import ServiceCaller
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.architecture.test_routes import PUBLIC, PUBLIC_PREFIXES
from tests.domains.accounts import Account, open_browser, publish, sign_up

SUPER_ADMIN = "super admin"
SERVICE = "service"

_ROLES = {
    dependencies.current_super_admin: SUPER_ADMIN,
    dependencies.current_look: "super admin who looks",
    dependencies.account_holder: "account holder",
    dependencies.current_user: "signed in",
}
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_REFUSALS = frozenset({401, 403, 404, 405, 409, 410, 422})


@dataclass(frozen=True)
class Endpoint:
    """One method of one route, and who may use it; None where it does not say."""

    method: str
    path: str
    role: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_public(self) -> bool:
        return self.path in PUBLIC or self.path.startswith(PUBLIC_PREFIXES)

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.path)

    def address(self, known: dict[str, str]) -> str:
        """Return the path with ids: known ones by their parameter's name, else new ones."""
        return _PARAMETER.sub(lambda found: known.get(found[1], str(uuid4())), self.path)


def endpoints(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[Endpoint]:
    """Yield every method of every route, of included routers and mounted parts too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from endpoints(included.routes, prefix)
        elif isinstance(route, Mount):
            yield from endpoints(route.routes, prefix + route.path)
        else:
            role = role_of(route.dependant) if isinstance(route, APIRoute) else None
            if isinstance(getattr(route, "endpoint", None), DataScreens):
                # An application of its own, which asks before it answers anything.
                role = "signed in"
            for method in sorted(vars(route)["methods"] or {"GET"}):
                yield Endpoint(method, prefix + str(vars(route)["path"]), role)


def role_of(dependant: Dependant) -> str | None:
    """Return the strictest role that a handler asks for."""
    calls = list(_calls(dependant))
    if any(isinstance(call, ServiceCaller) for call in calls):
        return SERVICE
    return next((role for call, role in _ROLES.items() if call in calls), None)


def _calls(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


@pytest.fixture(scope="module")
async def owner(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    """Whoever has things; the first account of a database runs it, so that this one may."""
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Olga Owner")


@pytest.fixture(scope="module")
async def stranger(app: FastAPI, database: Database, owner: Account) -> AsyncIterator[Account]:
    """Somebody with an account like any other."""
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Stan Stranger")


@pytest.fixture(scope="module")
async def known(database: Database, owner: Account) -> dict[str, str]:
    """Ids of the owner's things, by the names that routes give them."""
    funnel, _ = await publish(owner, title="Somebody else's review")
    async with database.acting_as(Root()) as tx:
        row = await tx.fetchrow(
            """
            select f.id as funnel_page_id, f.id as funnel_id, f.lead_magnet_id,
                f.lead_magnet_id as magnet_id, u.id as user_id, s.id as session_id,
                t.id as team_id, p.id as profile_id, p.id as team_profile_id
            from users as u
            join funnel_pages as f on f.user_id = u.id
            join user_sessions as s on s.user_id = u.id
            join teams as t on t.owner_id = u.id
            join team_profiles as p on p.team_id = t.id
            where u.id = $1 and f.id = $2::uuid
            limit 1
            """,
            owner.id,
            funnel.rsplit("/", 1)[1],
        )
        lead_id = await tx.fetchval(
            "insert into leads (tenant_id, slug, email) select tenant_id, $2, $3"
            " from profiles where id = $1 returning id",
            owner.id,
            f"lead-{uuid4().hex[:8]}",
            f"l{uuid4().hex[:8]}@example.org",
        )
    assert row is not None
    found = {name: str(value) for name, value in row.items()}
    return {**found, "lead_id": str(lead_id)}


def test_every_route_declares_who_may_use_it(app: FastAPI) -> None:
    silent = [
        str(each) for each in endpoints(app.routes) if each.role is None and not each.is_public
    ]
    assert silent == []


def test_the_admin_area_is_for_super_admins(app: FastAPI) -> None:
    others = [
        f"{each}: {each.role}"
        for each in endpoints(app.routes)
        if each.path.startswith("/app/admin")
        and each.role not in (SUPER_ADMIN, "super admin who looks")
    ]
    assert others == []


async def test_strangers_find_no_admin_area(
    app: FastAPI, stranger: Account, known: dict[str, str]
) -> None:
    found = [each for each in endpoints(app.routes) if (each.role or "").startswith(SUPER_ADMIN)]
    assert len(found) > 15
    answers = {
        str(each): (
            await stranger.browser.request(each.method, each.address(known), data={"a": "b"})
        ).status_code
        for each in found
    }
    assert {line: status for line, status in answers.items() if status != 404} == {}


async def test_nothing_of_others_opens_by_its_id(
    app: FastAPI, stranger: Account, known: dict[str, str]
) -> None:
    named = [
        each
        for each in endpoints(app.routes)
        if not each.is_public
        and each.role != SERVICE
        and any(name.endswith("_id") for name in each.parameters)
    ]
    assert len(named) > 20
    opened = []
    for each in named:
        answer = await stranger.browser.request(each.method, each.address(known))
        if answer.status_code not in _REFUSALS:
            opened.append(f"{each}: {answer.status_code} {answer.headers.get('location', '')}")
    assert opened == []


async def test_an_owner_gets_in_by_the_same_ids(owner: Account, known: dict[str, str]) -> None:
    for path in (f"/app/funnels/{known['funnel_page_id']}", f"/app/leads/{known['lead_id']}"):
        assert (await owner.browser.get(path)).status_code == 200
