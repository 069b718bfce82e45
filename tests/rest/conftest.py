"""The product on a database that also holds the library of `library.sql`."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import asyncpg.introspection
import httpx
import jwt
import pytest

from lodestone.app import create_app
from lodestone.auth.bearers import queries as bearer_queries
from lodestone.platform.database import Database
from lodestone.platform.runtime import ApiLimits, Runtime, set_current
from lodestone.platform.secrets import SecretBox
from lodestone.rest import catalog_queries, surroundings
from lodestone.settings import Settings
from lodestone.wiring import make_mailer
from tests import servers
from tests.conftest import BASE_URL
from tests.rest.wire import Wire, interpolated, reading_along

LIBRARY = Path(__file__).with_name("library.sql")

CONSTANTS = frozenset(
    value
    for module in (catalog_queries, surroundings, bearer_queries, asyncpg.introspection)
    for value in vars(module).values()
    if isinstance(value, str)
)
"""What is asked of PostgreSQL's own tables, by us and by the driver, and of sessions."""


def sign(settings: Settings, **claims: Any) -> str:
    """Return a token as this installation signs them."""
    secret = settings.jwt_secret.get_secret_value()
    return jwt.encode({"exp": int(time.time()) + 600, **claims}, secret, algorithm="HS256")


@dataclass(frozen=True)
class Api:
    """A client of the data API with one key."""

    client: httpx.AsyncClient
    key: str

    async def ask(
        self, method: str, path: str, *, prefer: str | None = None, **more: Any
    ) -> httpx.Response:
        """Send a request below /rest/v1."""
        headers = {"apikey": self.key, "authorization": f"Bearer {self.key}"}
        if prefer is not None:
            headers["prefer"] = prefer
        headers |= more.pop("headers", {})
        return await self.client.request(method, f"/rest/v1{path}", headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Read."""
        return await self.ask("GET", path, **more)

    async def rows(self, path: str, **more: Any) -> Any:
        """Read, and expect it to be answered."""
        response = await self.get(path, **more)
        assert response.status_code in (200, 206), response.text
        return response.json()

    async def column(self, path: str, name: str = "id") -> list[Any]:
        """Read one column of every row."""
        return [row[name] for row in await self.rows(path)]


@pytest.fixture(scope="session")
async def library_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    """A migrated database with the library in it."""
    async with servers.clone(server_url, template=template_database) as url:
        connection = await asyncpg.connect(url)
        await connection.execute(LIBRARY.read_text())
        await connection.close()
        yield url


@pytest.fixture(scope="session")
async def library(library_url: str) -> AsyncIterator[Database]:
    """The pool on the library."""
    opened = await Database.connect(library_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def wire(library_url: str) -> AsyncIterator[Wire]:
    """What the application sends to the library."""
    async with reading_along(library_url) as found:
        yield found


@pytest.fixture(scope="session")
async def recorded(wire: Wire) -> AsyncIterator[Database]:
    """The application's own pool on the library."""
    opened = await Database.connect(wire.url)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _nothing_is_interpolated(wire: Wire) -> Iterator[None]:
    """Whatever a test asks for, its values are bound and never stand in a statement."""
    yield
    found = {sent.text: interpolated(sent, CONSTANTS) for sent in wire.take()}
    assert {text: literals for text, literals in found.items() if literals} == {}


@pytest.fixture(scope="session")
def rest_runtime(recorded: Database, settings: Settings) -> Runtime:
    """The product's parts, on the library."""
    return Runtime(
        database=recorded,
        mailer=make_mailer(settings),
        secrets=SecretBox(settings.keys),
        base_url=settings.address,
        data_dir=settings.data_dir,
        tokens=settings.token_keys,
        api_limits=ApiLimits(
            most_rows=50,
            deepest_embedding=3,
            most_body_bytes=100_000,
            statement_seconds=2.0,
            seconds_by_role={"anon": 0.3},
            show_plans=True,
            allow_rollback=True,
        ),
    )


@pytest.fixture
def on_library(rest_runtime: Runtime, runtime: Runtime) -> Iterator[Runtime]:
    """The library's runtime is the process's while a test runs."""
    set_current(rest_runtime)
    yield rest_runtime
    set_current(runtime)


@pytest.fixture
async def http(on_library: Runtime, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application, spoken to over HTTP."""
    app = create_app(settings, on_library)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as opened:
        yield opened


@pytest.fixture
def anon(http: httpx.AsyncClient, settings: Settings) -> Api:
    """Whoever has the published key."""
    return Api(http, sign(settings, role="anon"))


@pytest.fixture
def user(http: httpx.AsyncClient, settings: Settings) -> Api:
    """A signed-in person."""
    return Api(http, sign(settings, role="authenticated", sub=str(uuid4())))


@pytest.fixture
def stranger(http: httpx.AsyncClient, settings: Settings) -> Api:
    """Another signed-in person."""
    return Api(http, sign(settings, role="authenticated", sub=str(uuid4())))


@pytest.fixture
def service(http: httpx.AsyncClient, settings: Settings) -> Api:
    """The holder of the service key."""
    return Api(http, sign(settings, role="service_role"))
