"""Whatever the descriptions say may be sent is answered, and never with a defect of ours."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as limited
from schemathesis import APIOperation, BaseSchema, Case
from schemathesis.core.result import Ok

from lodestone.auth import service
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.settings import Settings
from tests.contract.conftest import Place, open_place, stocked

PASSWORD = "three plain words"

# A pause of any length, and errors of any code and form, are what these are for.
DEFECTS_BY_REQUEST = {
    "/rpc/sleep",
    "/rpc/nap",
    "/rpc/fail_with",
    "/rpc/refuse_as",
    "/rpc/answer_with",
}
LIBRARY = {"authors", "books", "readers", "loans", "covers", "diaries", "passages"}
LIBRARY |= {"long_books", "book_page_range"}
EXAMPLES = 12


def operations(schema: BaseSchema) -> list[APIOperation[Any, Any, Any, Any]]:
    """Return every operation of a description, which has to be a valid one."""
    return [
        cast("Ok[APIOperation[Any, Any, Any, Any]]", one).ok()
        for one in schema.get_all_operations()
    ]


def attempt(
    operation: APIOperation[Any, Any, Any, Any],
    address: str,
    headers: Mapping[str, str],
    examples: int = EXAMPLES,
) -> list[str]:
    """Send what a description allows; return what was answered with a defect."""
    defects: list[str] = []

    @limited(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Case[Any]) -> None:
        response = case.call(base_url=address, headers=dict(headers))
        if response.status_code >= 500:
            defects.append(f"{case.as_curl_command()}: {response.text[:200]}")

    send()
    return defects


@pytest.fixture(scope="module")
async def trampled_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    async with stocked(server_url, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def place(
    settings: Settings, trampled_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A server of these tests' own: what they send deletes what it hits."""
    with open_place(settings, trampled_url, tmp_path_factory.mktemp("serve") / "log") as opened:
        yield opened


@pytest.fixture
async def cookie(place: Place) -> str:
    """The session of a new account."""
    email = f"o{uuid4().hex[:12]}@example.com"
    database = await Database.connect(place.database_url)
    async with database.acting_as(Root()) as tx:
        await service.create_user(
            tx, email=email, password=PASSWORD, name="Ada Lovelace", username=None
        )
    await database.close()
    async with httpx.AsyncClient(base_url=place.address, timeout=30) as client:
        form = {"email": email, "password": PASSWORD}
        await client.post("/sign-in", data=form, headers={"origin": place.address})
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


class TestTheApplication:
    def test_answers_all_that_its_description_allows(self, place: Place, cookie: str) -> None:
        schema = schemathesis.openapi.from_url(f"{place.address}/openapi.json")
        people = {
            "nobody": {},
            "a person": {"cookie": cookie},
            "a stranger": {"authorization": "Bearer x"},
        }
        defects = {
            f"{operation.label} as {name}": found
            for operation in operations(schema)
            for name, headers in people.items()
            if (found := attempt(operation, place.address, headers))
        }
        assert defects == {}


class TestTheDataApi:
    @pytest.mark.parametrize("role", ["anon", "service_role"])
    def test_answers_all_that_its_description_allows(self, place: Place, role: str) -> None:
        key = {"anon": place.anon, "service_role": place.service}[role]
        headers = {"apikey": key, "prefer": "tx=rollback"}
        address = f"{place.address}/rest/v1"
        schema = schemathesis.openapi.from_url(f"{address}/", headers=headers)
        defects = {}
        for operation in operations(schema):
            if operation.path in DEFECTS_BY_REQUEST:
                continue
            # Of the product's hundreds of tables one example each: it is the same code.
            examples = EXAMPLES if operation.path.strip("/") in LIBRARY else 1
            if found := attempt(operation, address, headers, examples):
                defects[operation.label] = found
        assert defects == {}
