"""What the registry of prompts promises, whoever writes to it."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Student, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person


@pytest.fixture
async def administrator(database: Database, people: People) -> Person:
    person = await people.user()
    async with database.acting_as(Root()) as tx:
        await tx.execute("update public.users set is_super_admin = true where id = $1", person.id)
    return person


@pytest.fixture
async def stranger(people: People) -> Person:
    return await people.user()


@pytest.fixture
async def prompt_id(database: Database, administrator: Person) -> UUID:
    async with database.acting_as(administrator.actor) as tx:
        return await add_prompt(tx, f"prompt-{uuid4().hex}")


async def add_prompt(tx: Tx, slug: str) -> UUID:
    row_id: UUID = await tx.fetchval(
        "insert into public.ai_prompt_templates (slug, name, category) values ($1, 'Name', 'email')"
        " returning id",
        slug,
    )
    return row_id


ADD_VERSION = "insert into public.ai_prompt_versions (prompt_id, version) values ($1, $2)"


class TestTemplates:
    async def test_administrators_write_and_services_read(
        self, database: Database, administrator: Person, prompt_id: UUID
    ) -> None:
        async with database.acting_as(administrator.actor) as tx:
            changed = "update public.ai_prompt_templates set user_prompt = 'Hi' where id = $1"
            assert await tx.execute(changed, prompt_id) == "UPDATE 1"
        for writer in Writer:
            async with database.acting_as(Service(writer)) as tx:
                found = "select user_prompt from public.ai_prompt_templates where id = $1"
                assert await tx.fetchval(found, prompt_id) == "Hi"

    async def test_others_see_and_write_nothing(
        self, database: Database, stranger: Person, prompt_id: UUID
    ) -> None:
        for actor in (stranger.actor, Student(uuid4())):
            async with database.acting_as(actor) as tx:
                for table in ("ai_prompt_templates", "ai_prompt_versions"):
                    assert not await tx.fetch(f"select id from public.{table}")
                changed = "update public.ai_prompt_templates set name = 'Eve' where id = $1"
                assert await tx.execute(changed, prompt_id) == "UPDATE 0"
        for other in (stranger.actor, Visitor(), Service(Writer.MAGNETLAB)):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(other) as tx:
                    await add_prompt(tx, f"prompt-{uuid4().hex}")

    async def test_a_slug_is_used_once_and_stays(
        self, database: Database, administrator: Person
    ) -> None:
        slug = f"prompt-{uuid4().hex}"
        async with database.acting_as(administrator.actor) as tx:
            prompt_id = await add_prompt(tx, slug)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(administrator.actor) as tx:
                await add_prompt(tx, slug)
        renamed = "update public.ai_prompt_templates set slug = 'other' where id = $1"
        for actor in (administrator.actor, Root()):
            with pytest.raises(asyncpg.PostgresError, match="slug of a prompt stays"):
                async with database.acting_as(actor) as tx:
                    await tx.execute(renamed, prompt_id)

    async def test_every_process_hears_of_a_change(
        self, database: Database, database_url: str, administrator: Person
    ) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()
        listener = await asyncpg.connect(database_url)
        try:
            await listener.add_listener(
                "ai_prompt_changed", lambda *call: heard.put_nowait(str(call[-1]))
            )
            slug = f"prompt-{uuid4().hex}"
            async with database.acting_as(administrator.actor) as tx:
                await add_prompt(tx, slug)
            assert await asyncio.wait_for(heard.get(), 5) == slug
        finally:
            await listener.close()


class TestVersions:
    async def test_each_number_is_given_once(
        self, database: Database, administrator: Person, prompt_id: UUID
    ) -> None:
        async with database.acting_as(administrator.actor) as tx:
            await tx.execute(ADD_VERSION, prompt_id, 1)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(administrator.actor) as tx:
                await tx.execute(ADD_VERSION, prompt_id, 1)

    async def test_history_is_never_rewritten(
        self, database: Database, administrator: Person, prompt_id: UUID
    ) -> None:
        rewritten = "update public.ai_prompt_versions set user_prompt = 'Else' where prompt_id = $1"
        async with database.acting_as(administrator.actor) as tx:
            await tx.execute(ADD_VERSION, prompt_id, 1)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(administrator.actor) as tx:
                await tx.execute(rewritten, prompt_id)
        for actor in (Service(Writer.GTM_SYSTEM), Root()):
            with pytest.raises(asyncpg.PostgresError, match="never changed"):
                async with database.acting_as(actor) as tx:
                    await tx.execute(rewritten, prompt_id)

    async def test_goes_with_its_prompt(
        self, database: Database, administrator: Person, prompt_id: UUID
    ) -> None:
        async with database.acting_as(administrator.actor) as tx:
            await tx.execute(ADD_VERSION, prompt_id, 1)
            await tx.execute("delete from public.ai_prompt_templates where id = $1", prompt_id)
            left = "select id from public.ai_prompt_versions where prompt_id = $1"
            assert not await tx.fetch(left, prompt_id)
