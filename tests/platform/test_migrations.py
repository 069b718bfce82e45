import asyncio
from pathlib import Path

import asyncpg
import pytest

from lodestone.platform import migrations
from lodestone.platform.embedded import EmbeddedServer
from lodestone.platform.migrations import Migration, MigrationError
from lodestone.platform.schema import drift
from tests import servers


def written(folder: Path, **files: str) -> list[Migration]:
    """Write migration files and return them as shipped."""
    for number, (name, sql) in enumerate(files.items(), start=1):
        (folder / f"{number:014d}_{name}.sql").write_text(sql)
    return migrations.shipped(folder)


async def fetchval(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def planned(url: str, files: list[Migration]) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [str(migration) for migration in await migrations.plan(connection, files)]
    finally:
        await connection.close()


class TestApply:
    async def test_runs_files_in_order_and_only_once(
        self, blank_database_url: str, tmp_path: Path
    ) -> None:
        files = written(
            tmp_path, a_table="create table t (n int);", b_row="insert into t values (1); select 1;"
        )
        names = ["00000000000001_a_table.sql", "00000000000002_b_row.sql"]
        assert await planned(blank_database_url, files) == names
        assert await migrations.apply(blank_database_url, files) == names
        assert await migrations.apply(blank_database_url, files) == []
        assert await fetchval(blank_database_url, "select count(*) from t") == 1

    async def test_lets_many_processes_start_at_once(
        self, blank_database_url: str, tmp_path: Path
    ) -> None:
        files = written(tmp_path, a_table="create table t ();", b_table="create table u ();")
        runs = await asyncio.gather(
            *(migrations.apply(blank_database_url, files) for _ in range(4))
        )
        assert sorted(name for run in runs for name in run) == [str(file) for file in files]

    async def test_keeps_the_files_before_a_failing_one_and_names_its_line(
        self, blank_database_url: str, tmp_path: Path
    ) -> None:
        files = written(
            tmp_path, good="create table t ();", bad="create table u ();\n\ncreate table t ();"
        )
        with pytest.raises(MigrationError, match=r'_bad\.sql: relation "t" already exists'):
            await migrations.apply(blank_database_url, files)
        assert await fetchval(blank_database_url, "select to_regclass('t') is not null")
        assert await fetchval(blank_database_url, "select to_regclass('u') is null")
        broken = written(tmp_path, good="create table t ();", bad="select 1;\n\nselec 2;")
        with pytest.raises(MigrationError, match=r"_bad\.sql line 3: syntax error"):
            await migrations.apply(blank_database_url, broken)

    async def test_agrees_with_a_record_of_the_supabase_cli(
        self, blank_database_url: str, tmp_path: Path
    ) -> None:
        files = written(tmp_path, two="create table t ();\n\ncreate table u ();\n")
        await run(
            blank_database_url,
            "create schema supabase_migrations;"
            "create table supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text);"
            "insert into supabase_migrations.schema_migrations values"
            " ('00000000000001', array['create table t ()', 'create table u ()'], 'two')",
        )
        assert await migrations.apply(blank_database_url, files) == []

    async def test_refuses_a_file_that_changed_after_it_ran(
        self, blank_database_url: str, tmp_path: Path
    ) -> None:
        await migrations.apply(blank_database_url, written(tmp_path, one="create table t ();"))
        changed = written(tmp_path, one="create table t (n int);")
        with pytest.raises(MigrationError, match=r"_one\.sql was changed after"):
            await migrations.apply(blank_database_url, changed)


class TestFiles:
    def test_with_a_wrong_name_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "new table.sql").touch()
        with pytest.raises(MigrationError, match="new table"):
            migrations.shipped(tmp_path)

    def test_of_one_version_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "20260101000000_a.sql").touch()
        (tmp_path / "20260101000000_b.sql").touch()
        with pytest.raises(MigrationError, match="one version twice"):
            migrations.shipped(tmp_path)


SUPABASE_SERVER = """
create role supabase_admin superuser nologin;
create role owner login createrole createdb noinherit;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
grant anon, authenticated, service_role to owner with admin option;
"""
"""What Supabase's server has: `owner`, like its `postgres`, is no superuser."""

SUPABASE_DATABASE = """
create schema auth authorization supabase_admin;
create schema extensions authorization supabase_admin;
alter schema public owner to owner;
set role supabase_admin;
create table auth.users (id uuid primary key, email text);
create function auth.jwt() returns jsonb language sql stable
    return nullif(current_setting('request.jwt.claims', true), '')::jsonb;
create function auth.uid() returns uuid language sql stable return (auth.jwt() ->> 'sub')::uuid;
create function auth.role() returns text language sql stable return auth.jwt() ->> 'role';
create function auth.email() returns text language sql stable return auth.jwt() ->> 'email';
grant usage on schema auth to anon, authenticated, service_role, owner;
create extension vector schema extensions;
grant usage on schema extensions to public;
reset role;
"""


class TestTheShippedOnes:
    async def test_apply_on_the_oldest_embedded_version(self, postgres16: EmbeddedServer) -> None:
        names = [str(migration) for migration in migrations.shipped()]
        assert await migrations.apply(postgres16.url) == names
        assert await migrations.apply(postgres16.url) == []

    async def test_are_all_in_the_template(self, database_url: str) -> None:
        assert await planned(database_url, migrations.shipped()) == []

    async def test_apply_on_supabase_without_a_superuser(self) -> None:
        with servers.throwaway_server() as server:
            await run(server.url, SUPABASE_SERVER)
            await run(server.url, "create database supabase owner owner")
            await run(
                server.url,
                "alter database supabase set search_path = '$user', public, extensions",
            )
            supabase = servers.url_on(server.url, "supabase")
            await run(supabase, SUPABASE_DATABASE)
            url = supabase.replace("postgres@", "owner@", 1)
            assert await migrations.apply(url) == [str(one) for one in migrations.shipped()]
            assert await drift.check(url) == []
