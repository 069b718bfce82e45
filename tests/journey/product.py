"""The real product as separate processes on a database of the test run, each of which can die."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import httpx

START_SECONDS = 60.0


@dataclass
class Product:
    """`lodestone serve` and `lodestone worker` over one database and one data directory.

    The listening socket is the test's, as it is the supervisor's under `lodestone up`: while the
    web process is away, connections wait.
    """

    database_url: str
    data_dir: Path
    listener: socket.socket
    settings: dict[str, str] = field(default_factory=dict)
    _secrets: tuple[str, str] = field(
        default_factory=lambda: (secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    )
    _running: dict[str, Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def log(self) -> Path:
        return self.data_dir / "processes.log"

    def start(self, name: str) -> None:
        """Start `web` or `worker`; it may take a second until it works."""
        arguments = ["serve", "--fd", str(self.listener.fileno())] if name == "web" else [name]
        with self.log.open("ab") as log:
            self._running[name] = Popen(
                [sys.executable, "-m", "lodestone", *arguments],
                env=self._environment(),
                cwd=self.data_dir,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[self.listener.fileno()],
            )

    def kill(self, name: str) -> None:
        """End it with SIGKILL: no handler, no clean-up, no last word."""
        process = self._running.pop(name)
        process.kill()
        assert process.wait(START_SECONDS) == -signal.SIGKILL, self.log.read_text()

    def restart(self, name: str) -> None:
        """Kill it and start another."""
        self.kill(name)
        self.start(name)

    def await_web(self) -> None:
        """Return once the web process answers."""
        for _ in range(int(START_SECONDS)):
            assert self._running["web"].poll() is None, self.log.read_text()
            with suppress(httpx.ReadTimeout):
                answer = httpx.get(f"{self.address}/healthz", timeout=1)
                assert answer.status_code == 200, answer.text
                return
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        """End what runs, as Ctrl-C would."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(START_SECONDS)
        self._running.clear()

    def mails(self) -> list[Path]:
        """Return the files of the mail directory."""
        return list((self.data_dir / "mail").glob("*.eml"))

    def _environment(self) -> dict[str, str]:
        plain = {key: value for key, value in os.environ.items() if not key.startswith("LODESTONE")}
        given = {
            "DATABASE_URL": self.database_url,
            "DATABASE_POOL_SIZE": "5",
            "DATA_DIR": str(self.data_dir),
            "BASE_URL": self.address,
            "SECRET_KEYS": self._secrets[0],
            "JWT_SECRET": self._secrets[1],
            "LOG_LEVEL": "warning",
            **self.settings,
        }
        return plain | {f"LODESTONE_{name}": value for name, value in given.items()}


@contextmanager
def running_product(database_url: str, data_dir: Path, **settings: str) -> Iterator[Product]:
    """Run web and worker until the block ends; settings are named without their prefix."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        product = Product(database_url, data_dir, listener, settings)
        try:
            product.start("web")
            product.start("worker")
            product.await_web()
            yield product
        finally:
            product.stop()
