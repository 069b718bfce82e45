"""`lodestone serve` in a process of its own: what the real clients talk to."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from lodestone.settings import Settings

START_SECONDS = 30.0


@contextmanager
def serving(settings: Settings, database_url: str, log: Path, **more: str) -> Iterator[str]:
    """Serve until the block ends, with `more` in the environment; yield the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LODESTONE_")}
    environment = plain | {
        "LODESTONE_DATABASE_URL": database_url,
        "LODESTONE_SECRET_KEYS": settings.secret_keys[0].get_secret_value(),
        "LODESTONE_JWT_SECRET": settings.jwt_secret.get_secret_value(),
        "LODESTONE_DATA_DIR": str(settings.data_dir),
        "LODESTONE_PORT": str(port),
        **more,
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "lodestone", "serve"],
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(process, address, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text()}")
