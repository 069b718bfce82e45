"""Taking one's data along, and leaving: whole, once, and without losing what others rely on."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import asyncpg
import pytest
from fastapi import FastAPI

from lodestone.domains.identity.data.jobs import (
    DeleteAccount,
    ExportAccount,
    delete_account,
    delete_due_accounts,
    export_account,
    remove_old_exports,
)
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import PASSWORD, Account, open_browser, publish, sign_up, write_magnet
from tests.people import People, Person

DATA = "/app/account/data"


@pytest.fixture
async def first(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    """Whoever runs the installation, so that the people below don't."""
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Olga Operator")


@pytest.fixture
async def ann(database: Database, app: FastAPI, first: Account) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ann Leaver")


async def one(database: Database, query: str, *values: Any) -> Any:
    async with database.acting_as(Root()) as tx:
        return await tx.fetchval(query, *values)


async def change(database: Database, query: str, *values: Any) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(query, *values)


async def export_of(database: Database, account: Account) -> UUID:
    """Ask for an export, have it made, and return its id."""
    answer = await account.browser.post(f"{DATA}/export")
    assert answer.status_code == 303, answer.text
    export_id: UUID = await one(
        database,
        "select id from account_exports where user_id = $1 and state = 'queued'",
        account.id,
    )
    await export_account(ExportAccount(export_id))
    return export_id


async def download(account: Account, export_id: UUID) -> ZipFile:
    answer = await account.browser.post(f"{DATA}/exports/{export_id}/download")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert len(answer.content) == int(answer.headers["content-length"])
    return ZipFile(io.BytesIO(answer.content))


def rows_of(archive: ZipFile, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(archive.read(f"json/{table}.json"))
    return rows


async def add_lead(database: Database, account: Account, funnel_id: UUID) -> UUID:
    lead_id: UUID = await one(
        database,
        "insert into funnel_leads (funnel_page_id, lead_magnet_id, user_id, email, name)"
        " select id, lead_magnet_id, user_id, $2, '=Grace' from funnel_pages where id = $1"
        " returning id",
        funnel_id,
        f"g{uuid4().hex[:8]}@example.org",
    )
    return lead_id


async def ask_to_leave(account: Account, **given: str) -> int:
    answer = await account.browser.post(f"{DATA}/delete", data={"password": PASSWORD, **given})
    return answer.status_code


async def leave(database: Database, account: Account) -> UUID:
    """Ask to be deleted, have the export made, let the week pass, and carry it out."""
    assert await ask_to_leave(account) == 303
    export_id = await one(
        database,
        "select id from account_exports where user_id = $1 and state = 'queued'",
        account.id,
    )
    await export_account(ExportAccount(export_id))
    deletion_id: UUID = await one(
        database,
        "update account_deletions set due_at = now() where user_id = $1 and state = 'scheduled'"
        " returning id",
        account.id,
    )
    await delete_account(DeleteAccount(deletion_id))
    return deletion_id


class TestAnExport:
    async def test_holds_what_one_owns_as_json_and_csv(
        self, ann: Account, database: Database
    ) -> None:
        funnel, _ = await publish(ann, title="The export review")
        lead_id = await add_lead(database, ann, UUID(funnel.rsplit("/", 1)[1]))
        archive = await download(ann, await export_of(database, ann))
        assert [row["email"] for row in rows_of(archive, "users")] == [ann.email]
        assert [row["title"] for row in rows_of(archive, "lead_magnets")] == ["The export review"]
        assert [row["id"] for row in rows_of(archive, "funnel_leads")] == [str(lead_id)]
        lines = list(csv.DictReader(io.StringIO(archive.read("csv/funnel_leads.csv").decode())))
        assert lines[0]["name"] == "'=Grace"
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["account"] == ann.email
        assert manifest["rows"]["funnel_leads"] == 1
        assert archive.namelist()[0] == "json/funnel_leads.json"

    async def test_holds_no_secret_and_nothing_of_others(
        self, ann: Account, first: Account, database: Database
    ) -> None:
        await write_magnet(first, title="Not for Ann")
        archive = await download(ann, await export_of(database, ann))
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert b"Not for Ann" not in everything
        assert first.email.encode() not in everything
        for secret in (b"password_hash", b"token_hash", b"key_hash", b"$argon2"):
            assert secret not in everything

    async def test_holds_files_and_the_picture_and_names_what_is_lost(
        self, ann: Account, database: Database, runtime: Runtime
    ) -> None:
        for name in ("kept.txt", "lost.txt"):
            sent = await ann.browser.post(
                "/app/files/upload/files", files={"file": (name, b"some words", "text/plain")}
            )
            assert sent.status_code == 303
        version = await one(
            database,
            "select version from storage.objects where name = $1",
            f"{ann.id}/lost.txt",
        )
        await runtime.files.store.delete([version])
        picture = bytes.fromhex("89504e470d0a1a0a") + b"a picture"
        await change(
            database,
            "insert into user_avatars (user_id, content_type, body, version)"
            " values ($1, 'image/png', $2, '0123456789abcdef')",
            ann.id,
            picture,
        )
        archive = await download(ann, await export_of(database, ann))
        assert archive.testzip() is None
        assert archive.read(f"files/files/{ann.id}/kept.txt") == b"some words"
        assert f"files/files/{ann.id}/lost.txt" not in archive.namelist()
        assert archive.read("avatar.png") == picture
        manifest = json.loads(archive.read("manifest.json"))
        assert (manifest["files"], manifest["missing_files"]) == (
            1,
            [f"files/{ann.id}/lost.txt"],
        )

    async def test_of_a_member_leaves_the_team_s_things_to_its_owner(
        self, ann: Account, people: People, database: Database
    ) -> None:
        owner = await people.user(name="Tom Owner", tenant_id=await people.tenant())
        team_id = await people.team(owner, Person(ann.id, ann.email, ann.username))
        titles = {"The team's own": owner.id, "Ann wrote this": ann.id}
        for title, author in titles.items():
            await change(
                database,
                "insert into lead_magnets (user_id, team_id, title, archetype) values"
                " ($1, $2, $3, 'single-breakdown')",
                author,
                team_id,
                title,
            )
        archive = await download(ann, await export_of(database, ann))
        assert [row["title"] for row in rows_of(archive, "lead_magnets")] == ["Ann wrote this"]

    async def test_is_made_by_a_worker_and_mailed(
        self, ann: Account, database: Database, database_url: str, data_dir: Path
    ) -> None:
        await ann.browser.post(f"{DATA}/export")
        page = await ann.browser.get(DATA)
        assert re.search(r'data-progress="/api/jobs/\d+/events"', page.text)
        again = await ann.browser.post(f"{DATA}/export")
        assert again.status_code == 409
        await work_off(database_url)
        assert "Download" in (await ann.browser.get(DATA)).text
        link = mailed_link(data_dir, ann.email)
        shown = await ann.browser.get(link)
        assert shown.status_code == 200
        assert "The link that brought you here works once" in shown.text
        file = await ann.browser.post(link)
        assert file.headers["content-type"] == "application/zip"
        assert (await ann.browser.post(link)).status_code == 410
        assert (await ann.browser.get(link)).status_code == 410

    async def test_link_opens_for_its_person_and_in_time(
        self, ann: Account, first: Account, database: Database, data_dir: Path, database_url: str
    ) -> None:
        export_id = await export_of(database, ann)
        await work_off(database_url)
        link = mailed_link(data_dir, ann.email)
        assert (await first.browser.get(link)).status_code == 410
        assert (await first.browser.post(link)).status_code == 410
        path = f"{DATA}/exports/{export_id}/download"
        assert (await first.browser.post(path)).status_code == 404
        await change(
            database,
            "update account_exports set token_expires_at = now() where id = $1",
            export_id,
        )
        assert (await ann.browser.post(link)).status_code == 410

    async def test_is_removed_after_its_week(self, ann: Account, database: Database) -> None:
        export_id = await export_of(database, ann)
        await change(
            database, "update account_exports set expires_at = now() where id = $1", export_id
        )
        await remove_old_exports.run()
        answer = await ann.browser.post(f"{DATA}/exports/{export_id}/download")
        assert answer.status_code == 409
        left = await one(
            database,
            "select count(*) from storage.objects where name = $1",
            f"{ann.id}/{export_id}.zip",
        )
        assert left == 0

    async def test_made_twice_is_one(self, ann: Account, database: Database) -> None:
        export_id = await export_of(database, ann)
        await export_account(ExportAccount(export_id))
        count = await one(
            database,
            "select count(*) from storage.objects where name = $1",
            f"{ann.id}/{export_id}.zip",
        )
        assert count == 1


def mailed_link(data_dir: Path, email: str) -> str:
    """Return the path of the download link that was mailed to somebody."""
    for path in sorted((data_dir / "mail").rglob("*.eml")):
        text = path.read_bytes().decode().replace("=\r\n", "").replace("=\n", "")
        found = re.search(r"/app/account/data/download/[\w-]+", text)
        if found and email in text:
            return found[0]
    raise AssertionError(f"no link was mailed to {email}")


class TestLeaving:
    async def test_needs_the_password(self, ann: Account, database: Database) -> None:
        assert await ask_to_leave(ann, password="not mine at all") == 422
        assert (
            await one(database, "select count(*) from account_deletions where user_id = $1", ann.id)
            == 0
        )

    async def test_needs_a_mailed_code_without_a_password(
        self, ann: Account, database: Database
    ) -> None:
        await change(database, "update users set password_hash = null where id = $1", ann.id)
        assert "Mail me a code" in (await ann.browser.get(DATA)).text
        assert await ask_to_leave(ann, code="000000") == 422
        assert (await ann.browser.post(f"{DATA}/delete/code")).status_code == 303

    async def test_is_held_by_people_plans_and_rank_all_named(
        self, ann: Account, people: People, database: Database
    ) -> None:
        other = await people.user(name="Mia Member")
        await people.team(Person(ann.id, ann.email, ann.username), other, name="Shared Brand")
        await change(
            database,
            "update subscriptions set plan = 'pro', stripe_subscription_id = $2 where user_id = $1",
            ann.id,
            f"sub_{uuid4().hex}",
        )
        answer = await ann.browser.post(f"{DATA}/delete", data={"password": PASSWORD})
        assert answer.status_code == 409
        assert "You own Shared Brand, where 1 other person works" in answer.text
        assert "Your pro plan is paid for by Stripe" in answer.text

    async def test_can_be_taken_back(self, ann: Account, database: Database) -> None:
        assert await ask_to_leave(ann) == 303
        assert await ask_to_leave(ann) == 409
        assert "Keep my account" in (await ann.browser.get(DATA)).text
        assert (await ann.browser.post(f"{DATA}/delete/cancel")).status_code == 303
        assert (await ann.browser.post(f"{DATA}/delete/cancel")).status_code == 404
        assert await one(database, "select deleted_at from users where id = $1", ann.id) is None

    async def test_waits_for_its_day_and_for_the_export(
        self, ann: Account, database: Database
    ) -> None:
        await ask_to_leave(ann)
        deletion_id = await one(
            database, "select id from account_deletions where user_id = $1", ann.id
        )
        await delete_account(DeleteAccount(deletion_id))
        await change(
            database, "update account_deletions set due_at = now() where id = $1", deletion_id
        )
        await delete_account(DeleteAccount(deletion_id))
        state = "select state from account_deletions where id = $1"
        assert await one(database, state, deletion_id) == "scheduled"
        export_id = await one(
            database, "select export_id from account_deletions where id = $1", deletion_id
        )
        await export_account(ExportAccount(export_id))
        await delete_account(DeleteAccount(deletion_id))
        assert await one(database, state, deletion_id) == "done"

    async def test_is_held_when_something_came_up_meanwhile(
        self, ann: Account, people: People, database: Database
    ) -> None:
        await ask_to_leave(ann)
        other = await people.user(name="Mia Member")
        await people.team(Person(ann.id, ann.email, ann.username), other, name="Late Brand")
        deletion_id = await one(
            database,
            "update account_deletions set due_at = now() where user_id = $1 returning id",
            ann.id,
        )
        await delete_account(DeleteAccount(deletion_id))
        assert await one(database, "select deleted_at from users where id = $1", ann.id) is None
        assert "You own Late Brand" in (await ann.browser.get(DATA)).text

    async def test_begins_by_the_clock(
        self, ann: Account, database: Database, database_url: str
    ) -> None:
        await ask_to_leave(ann)
        await work_off(database_url)
        await change(
            database, "update account_deletions set due_at = now() where user_id = $1", ann.id
        )
        await delete_due_accounts.run()
        await work_off(database_url)
        assert await one(database, "select deleted_at from users where id = $1", ann.id)


class TestADeletedAccount:
    async def test_is_nobody_any_more(self, ann: Account, app: FastAPI, database: Database) -> None:
        await leave(database, ann)
        assert (await ann.browser.get("/app")).status_code == 303
        async with open_browser(app) as browser:
            refused = await browser.post(
                "/sign-in", data={"email": ann.email, "password": PASSWORD}
            )
            assert refused.status_code == 401
        row = await one(database, "select to_jsonb(u)::text from users as u where id = $1", ann.id)
        assert ann.email not in row
        assert "Ann Leaver" not in row
        assert ann.username not in row

    async def test_s_address_can_begin_anew(
        self, ann: Account, app: FastAPI, database: Database
    ) -> None:
        await leave(database, ann)
        again = await one(database, "insert into users (email) values ($1) returning id", ann.email)
        assert again != ann.id

    async def test_takes_its_content_and_leaves_leads_and_history(
        self, ann: Account, app: FastAPI, database: Database
    ) -> None:
        held, public = await publish(ann, title="The held review")
        await write_magnet(ann, title="Gone with Ann")
        lead_id = await add_lead(database, ann, UUID(held.rsplit("/", 1)[1]))
        deletion_id = await leave(database, ann)
        titles = await one(
            database, "select array_agg(title) from lead_magnets where user_id = $1", ann.id
        )
        assert titles == ["The held review"]
        assert await one(database, "select count(*) from funnel_leads where id = $1", lead_id) == 1
        for table in ("subscriptions",):
            count = f"select count(*) from {table} where user_id = $1"
            assert await one(database, count, ann.id) == 1
        kept = await one(database, "select kept from account_deletions where id = $1", deletion_id)
        assert kept["funnel_leads"] == 1
        assert kept["subscriptions"] == 1
        async with open_browser(app) as visitor:
            assert (await visitor.get(public)).status_code == 404

    async def test_leaves_others_what_they_made_in_its_team(
        self, ann: Account, people: People, database: Database
    ) -> None:
        other = await people.user(name="Mia Member", tenant_id=await people.tenant())
        team_id = await people.team(
            Person(ann.id, ann.email, ann.username), other, name="Former Brand"
        )
        magnet_id = await one(
            database,
            "insert into lead_magnets (user_id, team_id, title, archetype)"
            " values ($1, $2, 'By Mia', 'single-breakdown') returning id",
            other.id,
            team_id,
        )
        await change(
            database,
            "update team_profiles set status = 'removed' where team_id = $1 and user_id = $2",
            team_id,
            other.id,
        )
        await leave(database, ann)
        async with database.acting_as(other.actor) as tx:
            row = await tx.fetchrow(
                "select title, team_id from lead_magnets where id = $1", magnet_id
            )
        assert row is not None
        assert (row["title"], row["team_id"]) == ("By Mia", None)

    async def test_leaves_others_teams_what_it_made_there(
        self, ann: Account, people: People, database: Database
    ) -> None:
        owner = await people.user(name="Tom Owner", tenant_id=await people.tenant())
        team_id = await people.team(owner, Person(ann.id, ann.email, ann.username))
        magnet_id = await one(
            database,
            "insert into lead_magnets (user_id, team_id, title, archetype)"
            " values ($1, $2, 'For the team', 'single-breakdown') returning id",
            ann.id,
            team_id,
        )
        await leave(database, ann)
        async with database.acting_as(owner.actor) as tx:
            assert (
                await tx.fetchval("select title from lead_magnets where id = $1", magnet_id)
                == "For the team"
            )
            people_there = await tx.fetch(
                "select full_name, email, status from team_profiles where team_id = $1"
                " and role = 'member'",
                team_id,
            )
        assert [tuple(row) for row in people_there] == [("Deleted account", None, "removed")]

    async def test_can_t_be_signed_in_past_the_code(self, ann: Account, database: Database) -> None:
        await leave(database, ann)
        with pytest.raises(asyncpg.PostgresError, match="suspended"):
            await change(
                database,
                "insert into user_sessions (user_id, token_hash, expires_at)"
                " values ($1, $2, now() + interval '1 day')",
                ann.id,
                uuid4().hex,
            )


async def test_of_others_is_out_of_reach(ann: Account, first: Account, database: Database) -> None:
    export_id = await export_of(database, ann)
    async with database.acting_as(first.actor) as tx:
        assert not await tx.fetchval(
            "select exists (select from account_exports where id = $1)", export_id
        )
    assert (await first.browser.post(f"{DATA}/exports/{export_id}/download")).status_code == 404
