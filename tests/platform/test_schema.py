from pathlib import Path

import asyncpg

from lodestone.platform.schema import drift, reference
from tests.cli.commands import lodestone

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "schema.md"
KEY = "k" * 32

CHANGES = {
    "alter table users add nickname text": "undeclared column public.users.nickname",
    "alter table email_settings drop send_time": "missing column public.email_settings.send_time",
    "alter table teams alter industry type varchar(80)": (
        "different column public.teams.industry: declared `text`, found `character varying(80)`"
    ),
    "alter table teams alter hide_branding set default true": (
        "different column public.teams.hide_branding: declared"
        " `boolean not null default false`, found `boolean not null default true`"
    ),
    "alter table users alter email drop not null": (
        "different column public.users.email: declared `text not null`, found `text`"
    ),
    "drop index users_username_key": "missing index public.users.users_username_key",
    "alter table users drop constraint users_username_format": (
        "missing constraint public.users.users_username_format"
    ),
    "create policy everybody on users for select to anon using (true)": (
        "undeclared policy public.users.everybody"
    ),
    "drop trigger set_updated_at on users": "missing trigger public.users.set_updated_at",
    "grant delete on users to anon": "undeclared grant public.users to anon",
    "create function seven() returns int return 7": "undeclared function public.seven()",
    "drop function platform.set_updated_at() cascade": (
        "missing function platform.set_updated_at()"
    ),
    "alter type tenant_status add value 'gone'": "different enum public.tenant_status:",
    "comment on table users is 'People'": "different comment public.users:",
    "create table notes (id int)": "undeclared table public.notes",
    "drop table usage_tracking": "missing table public.usage_tracking",
    "alter table users disable row level security": "different table public.users:",
    "delete from access.ownership where table_name = 'users'": (
        "missing declaration access.ownership users"
    ),
}
"""What changes a database behind the migrations' back, and how the check tells it."""


async def change(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


class TestDrift:
    async def test_of_a_migrated_database_is_none(self, fresh_database_url: str) -> None:
        assert await drift.check(fresh_database_url) == []

    async def test_is_named(self, fresh_database_url: str) -> None:
        await change(fresh_database_url, ";".join(CHANGES))
        found = [str(one) for one in await drift.check(fresh_database_url)]
        untold = [
            sentence
            for sentence in CHANGES.values()
            if not any(one.startswith(sentence) for one in found)
        ]
        assert untold == []

    async def test_of_a_missing_table_is_told_once(self, fresh_database_url: str) -> None:
        await change(fresh_database_url, "drop table usage_tracking")
        found = await drift.check(fresh_database_url)
        names = [str(one) for one in found if "usage_tracking" in one.name]
        assert [name for name in names if "declaration" not in name] == [
            "missing table public.usage_tracking"
        ]

    async def test_leaves_no_scratch_database(self, server_url: str, database_url: str) -> None:
        await drift.check(database_url)
        connection = await asyncpg.connect(server_url)
        left = await connection.fetchval(
            "select count(*) from pg_database where datname like 'lodestone_scratch_%'"
            " and datname <> all (select datname from pg_stat_activity where datname is not null)"
        )
        await connection.close()
        assert left == 0

    async def test_is_exit_code_one(self, fresh_database_url: str) -> None:
        settings = {"DATABASE_URL": fresh_database_url, "SECRET_KEYS": KEY, "JWT_SECRET": KEY}
        assert lodestone("schema", "check", **settings).returncode == 0
        await change(fresh_database_url, "create table notes (id int)")
        result = lodestone("schema", "check", **settings)
        assert result.returncode == 1
        assert result.stdout == "undeclared table public.notes\n"


class TestReference:
    async def test_is_current(self, fresh_database_url: str) -> None:
        assert await reference.write(fresh_database_url) == REFERENCE.read_text(), (
            "run `make reference`"
        )

    async def test_counts_rows_and_names_writers(self, fresh_database_url: str) -> None:
        await change(fresh_database_url, "insert into users (email) values ('a@b.co'), ('c@d.co')")
        text = await reference.write(fresh_database_url)
        row = next(line for line in text.splitlines() if line.startswith("| `users` | 2 |"))
        assert "| magnetlab |" in row
        assert "lead_magnet_archetype" in text
        assert "### `leads.status`" in text
