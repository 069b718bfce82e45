"""One PostgreSQL per run, migrated once and cloned for each worker; the network stays shut.

The first process (xdist's controller, or pytest itself) starts the server and stops it; workers are
told its URL. A test makes the people it needs (`people`) in its worker's database, or asks for an
empty database of its own (`fresh_database`).
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from lodestone.platform.database import Database
from lodestone.platform.embedded import EmbeddedServer
from lodestone.platform.runtime import Runtime, set_current
from lodestone.platform.secrets import SecretBox
from lodestone.settings import Settings
from lodestone.settings import load as load_settings
from lodestone.wiring import account_options, make_mailer
from tests import servers
from tests.people import People

_RESOURCES = pytest.StashKey[ExitStack]()
_SERVER_URL = pytest.StashKey[str]()

BASE_URL = "http://localhost"

# The same examples in every run, and none refused for being slow: how fast a machine is, is not
# what a test claims. `--hypothesis-profile=explore` looks at others.
_UNHURRIED = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("explore", _UNHURRIED)
hypothesis_settings.register_profile("lodestone", _UNHURRIED, derandomize=True)
hypothesis_settings.load_profile("lodestone")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.option.allow_hosts = "127.0.0.1,::1"
    config.option.allow_unix_socket = True
    config.stash[_RESOURCES] = ExitStack()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the server of this run to an xdist worker, starting it for the first."""
    node.workerinput["server_url"] = _server_url(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_RESOURCES].close()


def _server_url(config: pytest.Config) -> str:
    if hasattr(config, "workerinput"):
        return str(config.workerinput["server_url"])
    if _SERVER_URL not in config.stash:
        server = config.stash[_RESOURCES].enter_context(servers.throwaway_server())
        config.stash[_SERVER_URL] = server.url
    return config.stash[_SERVER_URL]


@pytest.fixture(scope="session")
def server_url(pytestconfig: pytest.Config) -> str:
    """The run's server: its maintenance database, as superuser."""
    return _server_url(pytestconfig)


@pytest.fixture(scope="session")
def postgres16() -> Iterator[EmbeddedServer]:
    """A second server, of the oldest version in the wheel, with nothing in it."""
    with servers.throwaway_server(16) as server:
        yield server


@pytest.fixture(scope="session")
async def template_database(server_url: str) -> str:
    """The name of the migrated database that others are cloned from."""
    await servers.build_template(server_url)
    return servers.TEMPLATE


@pytest.fixture(scope="session")
async def database_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    """This worker's migrated database, which its tests share."""
    async with servers.clone(server_url, template=template_database) as url:
        yield url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """The pool on this worker's database."""
    opened = await Database.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def fresh_database_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    """A migrated database for one test alone, with no rows."""
    async with servers.clone(server_url, template=template_database) as url:
        yield url


@pytest.fixture
async def fresh_database(fresh_database_url: str) -> AsyncIterator[Database]:
    """The pool on a database for one test alone."""
    opened = await Database.connect(fresh_database_url, max_size=4)
    yield opened
    await opened.close()


@pytest.fixture
async def blank_database_url(server_url: str) -> AsyncIterator[str]:
    """A database that no migration has touched."""
    async with servers.clone(server_url, template="template0") as url:
        yield url


@pytest.fixture(scope="session")
def people(database: Database) -> People:
    """Makes accounts, teams and tenants in this worker's database."""
    return People(database)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this worker's runtime keeps files."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def settings(data_dir: Path) -> Settings:
    """The settings of a fresh installation, with its generated secrets."""
    return load_settings(data_dir=data_dir, base_url=BASE_URL)


@pytest.fixture(scope="session")
def runtime(database: Database, settings: Settings) -> Runtime:
    """The process's runtime on this worker's database; mail lands in `data_dir / "mail"`."""
    made = Runtime(
        database=database,
        mailer=make_mailer(settings),
        secrets=SecretBox(settings.keys),
        base_url=settings.address,
        data_dir=settings.data_dir,
        allow_private_urls=True,
        tokens=settings.token_keys,
        accounts=account_options(settings),
    )
    set_current(made)
    return made


@pytest.fixture(scope="session")
def app(settings: Settings, runtime: Runtime) -> FastAPI:
    """The real application with all its middleware."""
    from lodestone.app import create_app  # noqa: PLC0415 - heavy, and many tests need no HTTP

    return create_app(settings, runtime)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without cookies; use several to be several people."""
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as opened:
        yield opened
