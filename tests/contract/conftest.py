"""A running server on the library of tests/rest, with vectors, and the keys to it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from lodestone.settings import Settings
from tests import servers
from tests.contract.serving import serving
from tests.rest.conftest import LIBRARY, sign

VECTORS = Path(__file__).with_name("vectors.sql")


@dataclass(frozen=True)
class Place:
    """Where the server is, on which database, and the two keys that `lodestone keys` prints."""

    address: str
    database_url: str
    anon: str
    service: str
    settings: Settings

    def token(self, user_id: UUID | None = None) -> str:
        """Return the access token of a person."""
        return sign(self.settings, role="authenticated", sub=str(user_id or uuid4()))


@asynccontextmanager
async def stocked(server_url: str, template: str) -> AsyncIterator[str]:
    """Make a migrated database with the library and the vectors in it."""
    async with servers.clone(server_url, template=template) as url:
        connection = await asyncpg.connect(url)
        await connection.execute(LIBRARY.read_text())
        await connection.execute(VECTORS.read_text())
        await connection.close()
        yield url


@contextmanager
def open_place(settings: Settings, database_url: str, log: Path) -> Iterator[Place]:
    """Run a server on such a database."""
    with serving(settings, database_url, log) as address:
        anon = sign(settings, role="anon")
        service = sign(settings, role="service_role")
        yield Place(address, database_url, anon, service, settings)


@pytest.fixture(scope="session")
async def served_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    """The database of all tests that leave what they find."""
    async with stocked(server_url, template_database) as url:
        yield url


@pytest.fixture(scope="session")
def place(
    settings: Settings, served_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A running server."""
    with open_place(settings, served_url, tmp_path_factory.mktemp("serve") / "log") as opened:
        yield opened


@asynccontextmanager
async def connecting(place: Place, token: str | None = None) -> AsyncIterator[AsyncClient]:
    """Open supabase-py's client for whoever holds the token."""
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as http:
        options = AsyncClientOptions(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            auto_refresh_token=False,
            httpx_client=http,
        )
        yield await acreate_client(place.address, place.anon, options)


@pytest.fixture
async def person(place: Place) -> AsyncIterator[AsyncClient]:
    """The client of a signed-in person."""
    async with connecting(place, place.token()) as client:
        yield client


@pytest.fixture
async def stranger(place: Place) -> AsyncIterator[AsyncClient]:
    """The client of another signed-in person."""
    async with connecting(place, place.token()) as client:
        yield client


@pytest.fixture
async def visitor(place: Place) -> AsyncIterator[AsyncClient]:
    """The client of somebody who has only opened the page."""
    async with connecting(place) as client:
        yield client
