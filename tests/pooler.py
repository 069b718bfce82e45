"""Debian's PgBouncer in transaction mode, in front of a database of the test run."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARY = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


@contextmanager
def running_pooler(direct_url: str, *, server_connections: int = 2) -> Iterator[str]:
    """Run PgBouncer with so few server connections for everybody; yield the URL through it."""
    port = _free_port()
    match = re.fullmatch(r"postgresql://postgres@/(\w+)\?host=(.+)", direct_url)
    assert match is not None
    directory = Path(tempfile.mkdtemp(prefix="lodestone-pgbouncer-"))
    directory.chmod(0o755)  # another account reads it when we are root
    (directory / "users.txt").write_text('"postgres" ""\n')
    (directory / "pgbouncer.ini").write_text(
        f"[databases]\n{match[1]} = host={match[2]}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {directory}/users.txt\npool_mode = transaction\n"
        f"default_pool_size = {server_connections}\n"
        "max_client_conn = 100\nlogfile =\npidfile =\n"
    )
    command = [str(BINARY), "-q", str(directory / "pgbouncer.ini")]
    if os.geteuid() == 0:
        command[1:1] = ["-u", pwd.getpwnam("pgserver").pw_name]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _await_port(port, process)
            yield f"postgresql://postgres@127.0.0.1:{port}/{match[1]}"
        finally:
            process.terminate()
    shutil.rmtree(directory)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, "pgbouncer did not start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("pgbouncer does not answer")
