import shutil
from pathlib import Path

import asyncpg
import jwt
import pytest

from lodestone import settings as configuration
from lodestone.platform import embedded
from tests.cli.commands import lodestone
from tests.cli.old_server import old_server

KEY = "k" * 32
OWN = {"SECRET_KEYS": KEY, "JWT_SECRET": KEY}


def refusal(*arguments: str, **settings: str) -> str:
    """Run a command that can't do its work; return its one sentence."""
    result = lodestone(*arguments, **{**OWN, **settings})
    assert result.returncode == 2, result
    assert result.stdout == ""
    assert result.stderr.startswith("lodestone: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


class TestADatabaseOfOnesOwn:
    def test_is_migrated_and_served_from(self, blank_database_url: str) -> None:
        planned = lodestone("migrate", "--plan", DATABASE_URL=blank_database_url, **OWN)
        assert planned.stdout.startswith("would apply 2026")
        for command in (["serve", "--port", "0"], ["worker"], ["demo", "--scale", "1"]):
            outdated = refusal(*command, DATABASE_URL=blank_database_url)
            assert "run `lodestone migrate`" in outdated
        applied = lodestone("migrate", DATABASE_URL=blank_database_url, **OWN)
        assert applied.returncode == 0, applied.stderr
        assert applied.stdout.replace("applied", "would apply") == planned.stdout

    def test_needs_its_secrets(self, database_url: str) -> None:
        sentence = refusal("migrate", DATABASE_URL=database_url, SECRET_KEYS="", JWT_SECRET="")
        assert "LODESTONE_SECRET_KEYS and LODESTONE_JWT_SECRET must be set" in sentence

    def test_that_does_not_answer(self) -> None:
        url = "postgresql://ann:hunter2@127.0.0.1:1/lodestone"
        for command in ("migrate", "serve", "worker", "up"):
            sentence = refusal(command, DATABASE_URL=url, PORT="0")
            assert "can't be reached" in sentence
            assert "hunter2" not in sentence

    def test_that_does_not_exist(self, server_url: str) -> None:
        url = server_url.replace("/postgres?", "/nowhere?")
        assert 'database "nowhere" does not exist' in refusal("migrate", DATABASE_URL=url)

    def test_with_a_bad_address(self) -> None:
        assert "LODESTONE_DATABASE_URL" in refusal("migrate", DATABASE_URL="mysql://db/x")

    def test_that_is_too_old(self) -> None:
        with old_server() as url:
            sentence = refusal("migrate", DATABASE_URL=url)
        assert "PostgreSQL 15 or newer is needed and the server runs 14" in sentence

    def test_without_pgvector(self, directory: Path) -> None:
        hidden = {**embedded.THROWAWAY, "extension_control_path": "/nowhere"}
        with embedded.start(directory / "data", settings=hidden) as server:
            sentence = refusal("migrate", DATABASE_URL=server.url)
        assert "lacks the extension pgvector" in sentence


class TestTheEmbeddedOne:
    def test_has_no_url_while_it_is_down(self, directory: Path) -> None:
        result = lodestone("db", "url", "--data-dir", directory / "data")
        assert result.returncode == 2
        assert "is not running: start `lodestone up`" in result.stderr

    def test_is_started_for_a_command(self, directory: Path) -> None:
        result = lodestone("migrate", "--data-dir", directory / "data")
        assert result.returncode == 0, result.stderr
        assert embedded.find(directory / "data") is None


class TestKeys:
    def test_are_tokens_of_the_two_roles(self, directory: Path) -> None:
        lines = lodestone("keys", "--data-dir", directory / "data").stdout.splitlines()
        secret = configuration.load(data_dir=directory / "data").jwt_secret.get_secret_value()
        keys = dict(line.split(" ") for line in lines)
        assert list(keys) == ["anon", "service_role"]
        for role, key in keys.items():
            claims = jwt.decode(key, secret, algorithms=["HS256"])
            assert claims["role"] == role
            assert claims["exp"] - claims["iat"] > 9 * 365 * 86400

    def test_stay_the_same(self, directory: Path) -> None:
        first = lodestone("keys", "--data-dir", directory / "data").stdout
        assert lodestone("keys", "--data-dir", directory / "data").stdout == first


class TestUserCreate:
    def test_names_the_field_that_is_wrong(self, database_url: str) -> None:
        result = lodestone(
            *("user", "create", "ann", "--password-stdin"),
            stdin="correct-horse-battery\n",
            DATABASE_URL=database_url,
            **OWN,
        )
        assert result.returncode == 2
        assert "Write an e-mail address" in result.stderr

    def test_asks_only_at_a_terminal(self, database_url: str) -> None:
        assert "--password-stdin" in refusal("user", "create", "a@b.co", DATABASE_URL=database_url)


class TestBackup:
    @pytest.fixture
    async def kept(self, fresh_database_url: str) -> str:
        """A database with a row and an own function in it."""
        connection = await asyncpg.connect(fresh_database_url)
        await connection.execute(
            "insert into public.users (email, name) values ('ann@example.com', 'Ann')"
        )
        await connection.close()
        return fresh_database_url

    async def test_comes_back_whole_and_as_declared(
        self, kept: str, blank_database_url: str, directory: Path
    ) -> None:
        file = directory / "a.backup"
        written = lodestone("backup", file, DATABASE_URL=kept, **OWN)
        assert written.returncode == 0, written.stderr
        restored = lodestone("restore", file, DATABASE_URL=blank_database_url, **OWN)
        assert restored.returncode == 0, restored.stderr
        connection = await asyncpg.connect(blank_database_url)
        assert await connection.fetchval("select name from public.users") == "Ann"
        await connection.close()
        checked = lodestone("schema", "check", DATABASE_URL=blank_database_url, **OWN)
        assert checked.stdout == "The database is as the migrations declare it.\n"

    async def test_replaces_data_only_by_force_and_then_wholly(
        self, kept: str, fresh_database_url: str, directory: Path
    ) -> None:
        file = directory / "a.backup"
        lodestone("backup", file, DATABASE_URL=kept, **OWN)
        connection = await asyncpg.connect(fresh_database_url)
        await connection.execute("insert into public.users (email) values ('bob@example.com')")
        sentence = refusal("restore", str(file), DATABASE_URL=fresh_database_url)
        assert "The database is not empty" in sentence
        restored = lodestone("restore", file, "--force", DATABASE_URL=fresh_database_url, **OWN)
        assert restored.returncode == 0, restored.stderr
        found = await connection.fetch("select email from public.users")
        assert [row["email"] for row in found] == ["ann@example.com"]
        await connection.close()

    async def test_leaves_all_as_it_was_when_the_file_is_damaged(
        self, kept: str, directory: Path
    ) -> None:
        file = directory / "a.backup"
        lodestone("backup", file, DATABASE_URL=kept, **OWN)
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        result = lodestone("restore", file, "--force", DATABASE_URL=kept, **OWN)
        assert result.returncode == 2, result
        connection = await asyncpg.connect(kept)
        assert await connection.fetchval("select name from public.users") == "Ann"
        await connection.close()

    def test_moves_an_older_cluster_to_the_newer_version(self, directory: Path) -> None:
        old, new, file = directory / "old", directory / "new", directory / "a.backup"
        assert lodestone("migrate", "--data-dir", old, EMBEDDED_VERSION="16").returncode == 0
        refused = lodestone("migrate", "--data-dir", old)
        assert "was made by PostgreSQL 16 and this is 18" in refused.stderr
        lodestone("backup", file, "--data-dir", old, EMBEDDED_VERSION="16")
        restored = lodestone("restore", file, "--data-dir", new)
        assert restored.returncode == 0, restored.stderr
        checked = lodestone("schema", "check", "--data-dir", new)
        assert checked.stdout == "The database is as the migrations declare it.\n"

    def test_is_never_written_over_another_file(self, database_url: str, directory: Path) -> None:
        (directory / "a.backup").touch()
        sentence = refusal("backup", str(directory / "a.backup"), DATABASE_URL=database_url)
        assert "exists already" in sentence

    def test_of_another_program_is_refused(self, database_url: str, directory: Path) -> None:
        shutil.copy(__file__, directory / "a.backup")
        sentence = refusal("restore", str(directory / "a.backup"), DATABASE_URL=database_url)
        assert "was not written by `lodestone backup`" in sentence
