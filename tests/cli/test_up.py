import signal
import stat
import time
from pathlib import Path

import httpx
import psutil
import pytest

from lodestone.demo.account import EMAIL, PASSWORD
from tests.cli.commands import Running, lodestone, running_serve, running_up, taken_port

SECRETS = {"SECRET_KEYS": "k" * 32, "JWT_SECRET": "k" * 32}


class TestWhileItRuns:
    def test_it_answers(self, product: Running) -> None:
        assert product.health() == 200

    def test_it_says_where_it_is_and_where_mail_goes(self, product: Running) -> None:
        text = product.output.read_text()
        assert f"http://127.0.0.1:{product.port}" in text
        assert str(product.data_dir / "mail") in text
        assert "lodestone user create" in text

    def test_a_second_one_on_the_same_data_is_refused(self, product: Running) -> None:
        refused = lodestone("up", "--data-dir", product.data_dir, "--port", "0")
        assert refused.returncode == 2
        assert refused.stderr.count("\n") == 1
        assert f"is in use by another Lodestone (process {product.process.pid})" in refused.stderr

    def test_other_commands_reach_its_database(self, product: Running) -> None:
        url = lodestone("db", "url", "--data-dir", product.data_dir)
        assert url.stdout.startswith("postgresql://postgres@/postgres?host=")
        shell = lodestone("db", "shell", "--data-dir", product.data_dir, stdin="select 6 * 7;")
        assert "42" in shell.stdout
        migrate = lodestone("migrate", "--plan", "--data-dir", product.data_dir)
        assert migrate.stdout == "The database is up to date.\n"

    def test_an_account_can_be_made(self, product: Running) -> None:
        made = lodestone(
            *("user", "create", "ann@example.com", "--password-stdin"),
            *("--data-dir", product.data_dir),
            stdin="correct-horse-battery\n",
        )
        assert made.returncode == 0, made.stderr
        again = lodestone(
            *("user", "create", "ann@example.com", "--password-stdin"),
            *("--data-dir", product.data_dir),
            stdin="correct-horse-battery\n",
        )
        assert again.returncode == 2
        assert "There is an account with this e-mail already." in again.stderr

    def test_secrets_are_for_the_owner_alone(self, product: Running) -> None:
        mode = (product.data_dir / "secrets.env").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600

    @pytest.mark.parametrize("command", ["serve", "worker"])
    def test_a_killed_child_is_replaced(self, product: Running, command: str) -> None:
        old = product.child(command)
        old.kill()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = [
                c for c in product.children() if c.pid != old.pid and command in c.cmdline()[1:5]
            ]
            if found:
                break
            time.sleep(0.05)
        assert product.child(command).pid != old.pid
        # The socket is the parent's: nobody was refused meanwhile.
        assert product.health() == 200


class TestItsEnd:
    def test_by_kill_leaves_nobody_and_by_ctrl_c_is_clean(self, directory: Path) -> None:
        with running_up(directory / "data", "--no-demo") as running:
            shell(running, "create table kept as select 7 as n;")
            children = running.children()
            assert len(children) == 3
            running.process.kill()
            _, alive = psutil.wait_procs(children, timeout=60)
            assert alive == []
        with running_up(directory / "data", "--no-demo") as running:
            assert running.health() == 200
            assert "7" in shell(running, "select n from kept;")
            children = running.children()
            running.process.send_signal(signal.SIGINT)
            assert running.process.wait(60) == 0
            assert not any(child.is_running() for child in children)
            assert "Traceback" not in running.output.read_text()


def shell(running: Running, statement: str) -> str:
    return lodestone("db", "shell", "--data-dir", running.data_dir, stdin=statement).stdout


class TestRefusal:
    def test_of_a_port_in_use_names_it_and_its_holder(self, directory: Path) -> None:
        with taken_port() as port:
            refused = lodestone("up", "--data-dir", directory / "data", "--port", str(port))
        assert refused.returncode == 2
        assert refused.stderr.startswith(f"lodestone: Port {port} of 127.0.0.1 is in use by ")
        assert refused.stderr.count("\n") == 1

    def test_of_a_foreign_directory_touches_nothing(self, directory: Path) -> None:
        (directory / "holiday.jpg").touch()
        refused = lodestone("up", "--data-dir", directory, "--port", "0")
        assert refused.returncode == 2
        assert "not empty and not a Lodestone data directory" in refused.stderr
        assert [path.name for path in directory.iterdir()] == ["holiday.jpg"]

    def test_of_an_address_that_is_not_ours(self, directory: Path) -> None:
        refused = lodestone("up", "--data-dir", directory / "data", "--host", "192.0.2.1")
        assert refused.returncode == 2
        assert "192.0.2.1" in refused.stderr


class TestOnADatabaseOfOnesOwn:
    def test_up_fills_it_with_the_demo_and_runs_web_and_worker(
        self, directory: Path, blank_database_url: str
    ) -> None:
        settings = {**SECRETS, "DATABASE_URL": blank_database_url}
        with running_up(directory / "data", **settings) as running:
            assert len(running.children()) == 2
            text = running.output.read_text()
            assert "the PostgreSQL of LODESTONE_DATABASE_URL" in text
            assert f"{EMAIL}  password {PASSWORD}" in text
            address = f"http://127.0.0.1:{running.port}"
            signed_in = httpx.post(
                f"{address}/sign-in",
                data={"email": EMAIL, "password": PASSWORD},
                headers={"origin": address},
                timeout=30,
            )
            assert signed_in.status_code == 303
            assert "lodestone_session" in signed_in.cookies

    def test_serve_runs_several_processes_on_one_port(
        self, directory: Path, fresh_database_url: str
    ) -> None:
        settings = {**SECRETS, "DATABASE_URL": fresh_database_url}
        with running_serve(directory / "data", "--processes", "2", **settings) as running:
            assert [running.health() for _ in range(4)] == [200] * 4
            assert len(running.children()) == 2
            running.process.terminate()
            assert running.process.wait(30) == 0

    def test_serve_alone_ends_cleanly(self, directory: Path, fresh_database_url: str) -> None:
        settings = {**SECRETS, "DATABASE_URL": fresh_database_url}
        with running_serve(directory / "data", **settings) as running:
            assert running.health() == 200
            running.process.terminate()
            assert running.process.wait(30) == 0
            assert "web ends" in running.output.read_text()
