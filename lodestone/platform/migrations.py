"""The migration runner: plain SQL files in order, each in one transaction, recorded once.

The record is the Supabase CLI's own table, so either tool may apply the files and the other agrees.
Source: https://supabase.com/docs/guides/deployment/database-migrations
"""

import re
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import asyncpg

OLDEST_SERVER = 15
LOCK_KEY = 0x10DE570E  # one number for every Lodestone: migrations of a database run one at a time
RUNNER_WAIT_SECONDS = 120  # for another process that migrates, which may have all files to do
LOCK_WAIT_SECONDS = 10  # for tables in use: rather fail than queue all traffic behind us

_FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>[a-z0-9_]+)\.sql")
_LAYOUT = re.compile(r"[\s;]+")

_PREPARE_RECORD = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key,
    statements text[],
    name text
)
"""


class MigrationError(Exception):
    """The database can't be brought up to date; the message is one sentence for a person."""


@dataclass(frozen=True)
class Migration:
    """One file. `version` is its timestamp and sorts."""

    version: str
    name: str
    path: Path

    @cached_property
    def sql(self) -> str:
        return self.path.read_text()

    def __str__(self) -> str:
        return self.path.name


def directory() -> Path:
    """Return the folder of the shipped files: the repository's, or where a wheel put them.

    Raises: MigrationError when neither is there.
    """
    repository = Path(__file__).parents[2] / "migrations"
    installed = Path(sysconfig.get_path("data"), "share", "lodestone", "migrations")
    for folder in (repository, installed):
        if folder.is_dir():
            return folder
    raise MigrationError("The migrations are missing: install Lodestone again.")


def shipped(folder: Path | None = None) -> list[Migration]:
    """Return every file in order. Raises MigrationError on a wrong name or a version used twice."""
    found: dict[str, Migration] = {}
    for path in sorted((folder or directory()).glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name}: name it <14 digits>_<domain>_<what>.sql.")
        migration = Migration(match["version"], match["name"], path)
        if migration.version in found:
            raise MigrationError(f"{path.name} and {found[migration.version]}: one version twice.")
        found[migration.version] = migration
    return list(found.values())


async def plan(
    connection: asyncpg.Connection, files: Sequence[Migration] | None = None
) -> list[Migration]:
    """Return what `apply` would run, in order; changes nothing.

    Raises: MigrationError when the server is too old, lacks pgvector, or was migrated with a file
    that reads differently today.
    """
    _refuse_old_server(connection)
    # In a transaction, so that a pooler keeps us on one server connection.
    async with connection.transaction(readonly=True):
        await _refuse_without_vector(connection)
        recorded = await _read_record(connection)
    planned = []
    for migration in shipped() if files is None else files:
        sql = recorded.get(migration.version)
        if sql is None:
            planned.append(migration)
        else:
            _refuse_changed(migration, sql)
    return planned


async def _read_record(connection: asyncpg.Connection) -> dict[str, str]:
    """Return the SQL of each version that was applied."""
    if not await connection.fetchval(
        "select to_regclass('supabase_migrations.schema_migrations') is not null"
    ):
        return {}
    rows = await connection.fetch(
        "select version, array_to_string(statements, '') as sql"
        " from supabase_migrations.schema_migrations"
    )
    return {row["version"]: row["sql"] or "" for row in rows}


async def pending(url: str) -> list[str]:
    """Return the names of the files that `apply` would run. Raises as `plan` and `apply`."""
    connection = await _connect(url)
    try:
        return [str(migration) for migration in await plan(connection)]
    finally:
        await connection.close()


async def apply(url: str, files: Sequence[Migration] | None = None) -> list[str]:
    """Run what is pending and return the names of those files; safe to call from many processes.

    Raises: MigrationError as `plan`, and naming file and line when a statement fails; the files
    before it stay applied, the failed one leaves nothing. OSError or asyncpg.PostgresError when
    the server can't be reached.
    """
    connection = await _connect(url)
    try:
        planned = await plan(connection, files)
        if planned:
            await _prepare_record(connection)
        applied = [str(migration) for migration in planned if await _run(connection, migration)]
        if applied:
            # Whoever keeps a picture of the tables, our data API or PostgREST, looks again.
            await connection.execute("notify pgrst, 'reload schema'")
        return applied
    finally:
        await connection.close()


async def _connect(url: str) -> asyncpg.Connection:
    # No named statements and no start-up parameters: a pooler may stand between.
    return await asyncpg.connect(url, statement_cache_size=0)


def _refuse_old_server(connection: asyncpg.Connection) -> None:
    version = connection.get_server_version()
    if version.major < OLDEST_SERVER:
        raise MigrationError(
            f"PostgreSQL {OLDEST_SERVER} or newer is needed and the server runs {version.major}: "
            "upgrade it."
        )


async def _refuse_without_vector(connection: asyncpg.Connection) -> None:
    if not await connection.fetchval(
        "select exists (select from pg_available_extensions where name = 'vector')"
    ):
        raise MigrationError("The server lacks the extension pgvector (vector): install it there.")


def _refuse_changed(migration: Migration, recorded: str) -> None:
    # The Supabase CLI records statements without their semicolons and the space around them.
    if recorded and _LAYOUT.sub("", recorded) != _LAYOUT.sub("", migration.sql):
        raise MigrationError(
            f"{migration} was changed after the database had it: restore it and put the change "
            "into a new file."
        )


async def _prepare_record(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await _wait_for_turn(connection)
        await connection.execute(_PREPARE_RECORD)


async def _wait_for_turn(connection: asyncpg.Connection) -> None:
    """Take the runner's lock for this transaction, which a pooler in transaction mode keeps too."""
    await connection.execute(f"set local lock_timeout = '{RUNNER_WAIT_SECONDS}s'")
    try:
        await connection.execute(f"select pg_advisory_xact_lock({LOCK_KEY})")
    except asyncpg.LockNotAvailableError as error:
        raise MigrationError(
            "Another process has been migrating this database for long."
        ) from error
    await connection.execute(
        f"set local lock_timeout = '{LOCK_WAIT_SECONDS}s'; set local statement_timeout = 0;"
        " set local idle_in_transaction_session_timeout = 0;"
        " set local client_min_messages = warning"
    )


async def _run(connection: asyncpg.Connection, migration: Migration) -> bool:
    """Run one file; return False when another process did meanwhile."""
    async with connection.transaction():
        await _wait_for_turn(connection)
        if await connection.fetchval(
            "select exists (select from supabase_migrations.schema_migrations where version = $1)",
            migration.version,
        ):
            return False
        try:
            await connection.execute(migration.sql)
        except asyncpg.PostgresError as error:
            raise MigrationError(f"{migration}{_line(migration, error)}: {error}") from error
        await connection.execute(
            "insert into supabase_migrations.schema_migrations (version, statements, name)"
            " values ($1, $2, $3)",
            migration.version,
            [migration.sql],
            migration.name,
        )
    return True


def _line(migration: Migration, error: asyncpg.PostgresError) -> str:
    """Return ` line N` where the server says at which character it stopped."""
    position = getattr(error, "position", None)
    if position is None:
        return ""
    return f" line {migration.sql.count(chr(10), 0, int(position) - 1) + 1}"
