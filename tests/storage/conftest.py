"""People, keys and buckets for the tests of files, over HTTP and with Supabase's own client."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from storage3 import AsyncStorageClient

from lodestone.platform.runtime import Runtime
from lodestone.settings import Settings
from tests.contract.serving import serving
from tests.people import People, Person

PREFIX = "/storage/v1"


@dataclass(frozen=True)
class Keys:
    """Makes the tokens that this installation accepts."""

    runtime: Runtime

    def of(self, person: Person) -> str:
        """Return the access token of a signed-in person."""
        return self.runtime.tokens.sign({"role": "authenticated", "sub": str(person.id)}, 600)

    @property
    def anon(self) -> str:
        """Return the published key."""
        return self.runtime.tokens.sign({"role": "anon"}, 600)

    @property
    def service(self) -> str:
        """Return the service key."""
        return self.runtime.tokens.sign({"role": "service_role"}, 600)


@dataclass(frozen=True)
class Files:
    """Speaks to the storage API with one key, or with none."""

    client: httpx.AsyncClient
    key: str | None

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: object
    ) -> httpx.Response:
        """Send a request below /storage/v1."""
        own = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return await self.client.request(
            method,
            PREFIX + path,
            headers=own | (headers or {}),
            **more,  # type: ignore[arg-type]
        )

    async def put(
        self, path: str, content: bytes, mime_type: str = "text/plain", **headers: str
    ) -> httpx.Response:
        """Upload a bare body."""
        given = {"content-type": mime_type, "x-upsert": "true"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("POST", f"/object/{path}", headers=given, content=content)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Download."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("GET", path, headers=given)


def refused(response: httpx.Response, code: str, status: str) -> None:
    """Expect a refusal in the shape that the clients know."""
    said = response.json()
    assert response.status_code == 400, response.text
    assert (said["code"], said["statusCode"]) == (code, status), said
    assert said["message"]
    assert said["error"]


@pytest.fixture(scope="session")
def keys(runtime: Runtime) -> Keys:
    """The keys of this worker's installation."""
    return Keys(runtime)


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> Files:
    """Nobody in particular."""
    return Files(client, None)


@pytest.fixture
def service(client: httpx.AsyncClient, keys: Keys) -> Files:
    """The holder of the service key."""
    return Files(client, keys.service)


@pytest.fixture
async def ada(people: People) -> Person:
    """A person with files."""
    return await people.user(name="Ada")


@pytest.fixture
def hers(client: httpx.AsyncClient, keys: Keys, ada: Person) -> Files:
    """The storage API as Ada asks it."""
    return Files(client, keys.of(ada))


@pytest.fixture
async def stranger(client: httpx.AsyncClient, keys: Keys, people: People) -> Files:
    """The storage API as somebody else asks it."""
    return Files(client, keys.of(await people.user(name="Eve")))


@pytest.fixture
def make_bucket(service: Files) -> Callable[..., Awaitable[str]]:
    """Makes buckets as the service key does."""

    async def make(**options: object) -> str:
        name = f"b{uuid4().hex[:12]}"
        made = await service.ask("POST", "/bucket", json={"id": name, "name": name, **options})
        assert made.json() == {"name": name}, made.text
        return name

    return make


@pytest.fixture(scope="session")
def server(
    settings: Settings,
    database_url: str,
    runtime: Runtime,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The running product, on this worker's database; its address."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(settings, database_url, log) as address:
        yield address


ClientOf = Callable[[str], AsyncStorageClient]


@pytest.fixture
async def client_of(server: str) -> AsyncIterator[ClientOf]:
    """Makes Supabase's own client for the running product, with a key."""
    async with httpx.AsyncClient(timeout=30, follow_redirects=True) as http:

        def make(key: str) -> AsyncStorageClient:
            headers = {"apikey": key, "authorization": f"Bearer {key}"}
            return AsyncStorageClient(f"{server}{PREFIX}/", headers, http_client=http)

        yield make


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    """The smallest PNG."""
    return bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )


def folder(owner: Person | UUID) -> str:
    """Return the name of the folder of a person or a team."""
    return str(owner.id if isinstance(owner, Person) else owner)
