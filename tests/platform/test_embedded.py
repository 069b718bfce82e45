import multiprocessing
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import asyncpg
import psutil
import pytest

from lodestone.platform import embedded
from lodestone.platform.embedded import THROWAWAY, EmbeddedError

START_AND_WAIT = """
import sys
from pathlib import Path
from lodestone.platform import embedded
server = embedded.start(Path(sys.argv[1]), settings=embedded.THROWAWAY)
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path that the server's account can reach, as pytest's own is not."""
    made = Path(tempfile.mkdtemp(prefix="lodestone-embedded-"))
    yield made / "data"
    shutil.rmtree(made)


def start_elsewhere(directory: Path) -> tuple[Popen[str], int]:
    """Start a server from another process; return that process and the server's number."""
    process = Popen(
        [sys.executable, "-c", START_AND_WAIT, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def kill(process: Popen[str]) -> None:
    process.kill()
    process.communicate()


class TestStart:
    async def test_keeps_the_data_over_a_restart(self, directory: Path) -> None:
        with embedded.start(directory, settings=THROWAWAY) as server:
            connection = await asyncpg.connect(server.url)
            await connection.execute("create table kept as select 1 as one")
            await connection.close()
        with embedded.start(directory, settings=THROWAWAY) as server:
            connection = await asyncpg.connect(server.url)
            assert await connection.fetchval("select one from kept") == 1
            await connection.close()

    async def test_is_durable_unless_told_otherwise(self, directory: Path) -> None:
        with embedded.start(directory) as server:
            connection = await asyncpg.connect(server.url)
            for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
                assert await connection.fetchval("select current_setting($1)", setting) == "on"
            await connection.close()

    async def test_runs_both_versions_of_the_wheel(
        self, server_url: str, postgres16: embedded.EmbeddedServer
    ) -> None:
        for url, major in ((server_url, 18), (postgres16.url, 16)):
            connection = await asyncpg.connect(url)
            assert connection.get_server_version().major == major
            await connection.close()

    def test_is_reached_by_its_own_account_alone(self, directory: Path) -> None:
        with embedded.start(directory, settings=THROWAWAY) as server:
            assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
            assert psutil.Process(server.pid).net_connections(kind="inet") == []

    def test_puts_the_socket_elsewhere_when_the_path_is_long(self, directory: Path) -> None:
        deep = directory.joinpath(*["a-long-name-of-a-folder"] * 6)
        with embedded.start(deep, settings=THROWAWAY) as server:
            assert server.socket_dir.parent == Path(tempfile.gettempdir())
            assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        assert not server.socket_dir.exists()

    def test_starts_again_after_an_initialisation_that_was_cut_off(self, directory: Path) -> None:
        with embedded.start(directory, settings=THROWAWAY):
            pass
        (directory / "postgres").rename(directory / "postgres.new")
        (directory / "postgres.new" / "PG_VERSION").unlink()
        with embedded.start(directory, settings=THROWAWAY) as server:
            assert server.exit_code() is None


class TestDeath:
    def test_of_the_parent_ends_the_server(self, directory: Path) -> None:
        parent, number = start_elsewhere(directory)
        server = psutil.Process(number)
        kill(parent)
        server.wait(20)
        assert not (directory / "postgres" / "postmaster.pid").exists()

    def test_of_both_is_recovered_from(self, directory: Path) -> None:
        parent, number = start_elsewhere(directory)
        os.kill(number, signal.SIGKILL)
        kill(parent)
        with embedded.start(directory, settings=THROWAWAY) as server:
            assert server.exit_code() is None

    def test_leaves_a_number_that_may_belong_to_another_process(self, directory: Path) -> None:
        parent, number = start_elsewhere(directory)
        os.kill(number, signal.SIGKILL)
        kill(parent)
        stale = directory / "postgres" / "postmaster.pid"
        stale.write_text(stale.read_text().replace(str(number), str(os.getpid()), 1))
        with embedded.start(directory, settings=THROWAWAY) as server:
            assert server.exit_code() is None

    async def test_is_answered_with_a_restart(self, directory: Path) -> None:
        with embedded.start(directory, settings=THROWAWAY) as server:
            os.kill(server.pid, signal.SIGKILL)
            assert server.wait() == -signal.SIGKILL
            server.restart()
            connection = await asyncpg.connect(server.url)
            await connection.close()


class TestFind:
    def test_tells_where_a_server_runs(self, directory: Path) -> None:
        assert embedded.find(directory) is None
        with embedded.start(directory, settings=THROWAWAY) as server:
            assert embedded.find(directory) == server.url
        assert embedded.find(directory) is None


class TestRefusal:
    def test_of_a_directory_in_use_names_the_holder(self, directory: Path) -> None:
        in_use = pytest.raises(EmbeddedError, match=f"in use by another.*process {os.getpid()}")
        with embedded.start(directory, settings=THROWAWAY), in_use:
            embedded.start(directory)

    def test_of_a_foreign_directory(self, directory: Path) -> None:
        directory.mkdir()
        (directory / "holiday.jpg").touch()
        with pytest.raises(EmbeddedError, match="not empty and not a Lodestone data directory"):
            embedded.start(directory)
        assert [path.name for path in directory.iterdir()] == ["holiday.jpg"]

    def test_of_a_file(self, directory: Path) -> None:
        directory.touch()
        with pytest.raises(EmbeddedError, match="is a file"):
            embedded.start(directory)

    def test_of_a_cluster_of_another_major(self, directory: Path) -> None:
        embedded.start(directory, version=16, settings=THROWAWAY).stop()
        with pytest.raises(EmbeddedError, match="made by PostgreSQL 16 and this is 18"):
            embedded.start(directory)

    def test_of_a_version_that_the_wheel_lacks(self, directory: Path) -> None:
        with pytest.raises(EmbeddedError, match="choose 16 or 18"):
            embedded.start(directory, version=17)

    def test_tells_what_postgresql_said(self, directory: Path) -> None:
        with pytest.raises(EmbeddedError, match=r"did not start.*no_such_setting"):
            embedded.start(directory, settings={"no_such_setting": "1"})

    def test_frees_the_directory(self, directory: Path) -> None:
        with pytest.raises(EmbeddedError):
            embedded.start(directory, settings={"no_such_setting": "1"})
        embedded.start(directory, settings=THROWAWAY).stop()


class TestAnOrdinaryUser:
    def test_runs_it_too(self, directory: Path) -> None:
        directory.parent.chmod(0o777)
        # Forked, not executed: the interpreter itself may be out of that user's reach.
        child = multiprocessing.get_context("fork").Process(
            target=start_as_nobody, args=(directory,)
        )
        child.start()
        child.join()
        assert child.exitcode == 0
        assert (directory / "postgres" / "PG_VERSION").stat().st_uid != 0


def start_as_nobody(directory: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    embedded.start(directory, settings=THROWAWAY).stop()
