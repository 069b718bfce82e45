"""A real streaming replica: a second server that follows the first and answers reads."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg

from lodestone.platform import embedded
from lodestone.platform.embedded import EmbeddedServer, directory

PRIMARY = {
    **embedded.THROWAWAY,
    "wal_level": "replica",
    "max_wal_senders": "4",
}
START_SECONDS = 20.0


@contextmanager
def running_replica(primary: EmbeddedServer, place: Path) -> Iterator[str]:
    """Copy the primary and follow it; yield the replica's URL."""
    account = directory.server_account()
    options = account.process_options() if account else {}
    pgdata, socket_dir = place / "replica", place / "socket"
    place.chmod(0o777)
    directory.open_way(place / "any")
    copy = [str(embedded.binaries() / "pg_basebackup"), f"--pgdata={pgdata}"]
    copy += ["--write-recovery-conf", "--checkpoint=fast", "--no-sync", f"--dbname={primary.url}"]
    subprocess.run(copy, check=True, capture_output=True, cwd="/", **options)
    subprocess.run(["mkdir", str(socket_dir)], check=True, **options)
    command = [str(embedded.binaries() / "postgres"), "-D", str(pgdata)]
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "shared_buffers": "32MB",
        "max_connections": "200",
        "max_locks_per_transaction": "512",
        "timezone": "UTC",
    }
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **options
    ) as process:
        try:
            yield f"postgresql://postgres@/postgres?host={quote(str(socket_dir), safe='/')}"
        finally:
            process.send_signal(signal.SIGINT)


async def await_replica(url: str) -> asyncpg.Connection:
    """Connect as soon as it lets us."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return await asyncpg.connect(url)
        except (OSError, asyncpg.CannotConnectNowError):
            assert time.monotonic() < deadline, "the replica does not answer"
            await asyncio.sleep(0.05)
