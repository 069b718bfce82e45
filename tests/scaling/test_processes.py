"""Any number of processes over one database: limits and caches hold across them."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from lodestone.platform.database import Database
from tests.domains.accounts import publish, sign_up
from tests.journey.product import Product
from tests.scaling.machines import at, running_machines, until


@pytest.fixture
def machines(fresh_database_url: str, tmp_path: Path) -> Iterator[list[Product]]:
    with running_machines(fresh_database_url, tmp_path) as running:
        yield running


class TestTwoMachines:
    async def test_count_one_address_together(
        self, machines: list[Product], fresh_database: Database
    ) -> None:
        one, other = machines
        async with at(one) as browser, at(other) as elsewhere:
            creator = await sign_up(fresh_database, browser, name="Ada Lumen")
            _, page = await publish(creator)
            statuses = []
            for number in range(8):
                visitor = (browser, elsewhere)[number % 2]
                answer = await visitor.post(
                    page,
                    data={"email": f"{uuid4().hex}@example.com"},
                    headers={"x-forwarded-for": "203.0.113.7"},
                )
                statuses.append(answer.status_code)
        assert statuses == [303] * 5 + [429] * 3, "five a minute, whichever machine answers"

    async def test_drop_a_kept_page_together(
        self, machines: list[Product], fresh_database: Database
    ) -> None:
        one, other = machines
        async with at(one) as browser, at(other) as elsewhere:
            creator = await sign_up(fresh_database, browser, name="Ada Lumen")
            funnel, page = await publish(creator)
            for visitor in (browser, elsewhere):
                assert (await visitor.get(page)).status_code == 200
            assert (await browser.post(f"{funnel}/unpublish")).status_code == 303

            async def is_gone() -> bool:
                answers = [await visitor.get(page) for visitor in (browser, elsewhere)]
                return {answer.status_code for answer in answers} == {404}

            await until(is_gone)
